/** Every call to Tryton is a POST: only the method in the body says which one books. */
export const bookingRequest = ({ body }: { readonly body: string }): 'draft' | 'post' | undefined => {
  if (body.includes('"model.account.move.create"')) return 'draft';
  return body.includes('"model.account.move.post"') ? 'post' : undefined;
};
