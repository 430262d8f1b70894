import { createBrowserRouter, Navigate } from "react-router";
import { RouteFailure } from "./RouteFailure";
import { Frame } from "./Frame";
import { NotFound } from "./NotFound";

/** Each screen is a file of its own, which is loaded when it is opened. */
export const router = createBrowserRouter([
  {
    path: "/login",
    errorElement: <RouteFailure />,
    hydrateFallbackElement: <></>,
    lazy: async () => ({ Component: (await import("../login/LoginPage")).LoginPage }),
  },
  {
    path: "/",
    element: <Frame />,
    errorElement: <RouteFailure />,
    // Nothing is shown while the first screen loads: it takes less time than a spinner would.
    hydrateFallbackElement: <></>,
    children: [
      {
        errorElement: <RouteFailure />,
        children: [
          { index: true, element: <Navigate to="/projects" replace /> },
          { path: "projects", lazy: async () => ({ Component: (await import("../projects/ProjectsPage")).ProjectsPage }) },
          {
            path: "projects/:project",
            lazy: async () => ({ Component: (await import("../projects/ProjectScope")).ProjectScope }),
            children: [
              { index: true, element: <Navigate to="images" replace /> },
              { path: "images", lazy: async () => ({ Component: (await import("../images/ImagesPage")).ImagesPage }) },
              { path: "findings", lazy: async () => ({ Component: (await import("../findings/FindingsPage")).FindingsPage }) },
              { path: "versions", lazy: async () => ({ Component: (await import("../versions/VersionsPage")).VersionsPage }) },
              {
                path: "versions/compare",
                lazy: async () => ({ Component: (await import("../versions/CompareVersionsPage")).CompareVersionsPage }),
              },
              {
                path: "versions/:number",
                lazy: async () => ({ Component: (await import("../versions/VersionPage")).VersionPage }),
              },
              { path: "runs", lazy: async () => ({ Component: (await import("../runs/RunsPage")).RunsPage }) },
              { path: "runs/new", lazy: async () => ({ Component: (await import("../runs/NewRunPage")).NewRunPage }) },
              { path: "runs/compare", lazy: async () => ({ Component: (await import("../runs/ComparePage")).ComparePage }) },
              {
                path: "searches",
                lazy: async () => ({ Component: (await import("../searches/SearchesPage")).SearchesPage }),
              },
              {
                path: "searches/new",
                lazy: async () => ({ Component: (await import("../searches/NewSearchPage")).NewSearchPage }),
              },
              {
                path: "searches/:search",
                lazy: async () => ({ Component: (await import("../searches/SearchPage")).SearchPage }),
              },
              { path: "runs/:run", lazy: async () => ({ Component: (await import("../runs/RunPage")).RunPage }) },
              {
                path: "runs/:run/evaluation",
                lazy: async () => ({ Component: (await import("../evaluation/EvaluationPage")).EvaluationPage }),
              },
              {
                path: "runs/:run/images",
                lazy: async () => ({ Component: (await import("../evaluation/ResultsPage")).ResultsPage }),
              },
              { path: "models", lazy: async () => ({ Component: (await import("../models/ModelsPage")).ModelsPage }) },
              {
                path: "models/:number/threshold",
                lazy: async () => ({ Component: (await import("../models/ThresholdPage")).ThresholdPage }),
              },
              {
                path: "predictions",
                lazy: async () => ({ Component: (await import("../predictions/PredictionsPage")).PredictionsPage }),
              },
              { path: "members", lazy: async () => ({ Component: (await import("../members/MembersPage")).MembersPage }) },
              { path: "tokens", lazy: async () => ({ Component: (await import("../tokens/TokensPage")).ProjectTokensPage }) },
              { path: "limits", lazy: async () => ({ Component: (await import("../limits/LimitsPage")).LimitsPage }) },
              { path: "audit", lazy: async () => ({ Component: (await import("../audit/AuditPage")).ProjectAuditPage }) },
              { path: "try", lazy: async () => ({ Component: (await import("../tryit/TryItPage")).TryItPage }) },
            ],
          },
          { path: "system", lazy: async () => ({ Component: (await import("../system/SystemPage")).SystemPage }) },
          { path: "tokens", lazy: async () => ({ Component: (await import("../tokens/TokensPage")).TokensPage }) },
          { path: "tenants", lazy: async () => ({ Component: (await import("../limits/TenantsPage")).TenantsPage }) },
          { path: "audit", lazy: async () => ({ Component: (await import("../audit/AuditPage")).AuditPage }) },
          { path: "*", element: <NotFound /> },
        ],
      },
    ],
  },
]);
