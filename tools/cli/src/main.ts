console.log('tieout');
