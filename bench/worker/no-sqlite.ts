/** Stands in for Node's SQLite, which the town's test tools name and nothing here opens. */
export class DatabaseSync {
  constructor() {
    throw new Error('there is no such store here');
  }
}
