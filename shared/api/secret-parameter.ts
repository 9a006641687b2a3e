/** A key in the query of a URL, wherever the URL stands in a text: what comes before its value is the first group. */
export const SECRET_PARAMETER =
  /([?&;](?:[\w-]*(?:token|secret|password|passwd|api[-_]?key|signature)|key|sig)=)[^&\s"']+/gi;
