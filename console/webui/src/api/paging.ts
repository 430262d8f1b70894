/** The parameters of a list that is asked for as a whole. */
export const all = { limit: 1000 };

/** Images of one request where they are shown with more than their thumbnail. */
export const RESULTS = 48;
