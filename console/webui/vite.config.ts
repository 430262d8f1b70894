import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // As files: the content security policy allows no fonts or styles that stand in another file.
  build: { assetsInlineLimit: 0, chunkSizeWarningLimit: 700 },
  server: {
    port: 5173,
    strictPort: true,
    // `npm run dev` shows the Loupe that `./loupe up` runs. The host stays: services compare it with the page's origin.
    proxy: Object.fromEntries(
      ["/api", "/auth"].map((path) => [path, { target: process.env.LOUPE_CONSOLE ?? "http://127.0.0.1:8090", changeOrigin: false }]),
    ),
  },
});
