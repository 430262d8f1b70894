/** Where the browser gets an image in a size that fits a tile. */
export const thumbnail = (project: string, sha256: string) =>
  `/api/v1/projects/${encodeURIComponent(project)}/images/${sha256}/thumbnail?size=256`;

/** The image as it was uploaded. */
export const content = (project: string, sha256: string) =>
  `/api/v1/projects/${encodeURIComponent(project)}/images/${sha256}/content`;

/** Which pixels of an abnormal image are defective, white on black. */
export const mask = (project: string, sha256: string) =>
  `/api/v1/projects/${encodeURIComponent(project)}/images/${sha256}/mask`;
