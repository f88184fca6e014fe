// A service without anything of its own, as a process: what bootService does with it is the test.
import { Module } from '@nestjs/common';
import { bootService } from '@tieout/service-kit';

class EmptyModule {}
Module({})(EmptyModule);

await bootService({ name: 'probe', context: 'exception', migrations: [], module: () => EmptyModule });
