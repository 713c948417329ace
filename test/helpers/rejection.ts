/** What a promise rejects with; undefined when it resolves. Takes it at once, so that a later look at it is not too late. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return error;
  }
}
