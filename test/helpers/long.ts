/**
 * Whether everything is tried, as once a week and for the pages in docs/evidence that are made of counts. Every
 * other run leaves out what differs little from something else that it tries, to stay well under half an
 * hour: `UNSYNCED_LONG=1 npm test` leaves out nothing.
 */
export const LONG = process.env['UNSYNCED_LONG'] === '1'
