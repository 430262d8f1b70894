import type { Task } from "../api/types";

export const taskName = (task: Task) => (task === "CLASSIFICATION" ? "Classification" : "Anomaly detection");

/** Labels of a project without classes of its own. */
export const ANOMALY_LABELS = ["normal", "abnormal"];

export const TASKS: { task: Task; question: string; when: string }[] = [
  {
    task: "ANOMALY_DETECTION",
    question: "Does this item differ from the normal ones, and where?",
    when: "Choose it when you have many images of good items and few or none of bad ones. The model learns what normal looks like, and marks on the image what does not.",
  },
  {
    task: "CLASSIFICATION",
    question: "Which of these classes does the image show?",
    when: "Choose it when each image belongs to one of several known kinds, such as types of parts or of defects, and you have at least about ten images of each.",
  },
];
