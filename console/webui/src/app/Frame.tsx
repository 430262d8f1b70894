import {
  Banner,
  Button,
  Masthead,
  MastheadBrand,
  MastheadContent,
  MastheadLogo,
  MastheadMain,
  MastheadToggle,
  Page,
  PageToggleButton,
  SkipToContent,
  Toolbar,
  ToolbarContent,
  ToolbarGroup,
  ToolbarItem,
} from "@patternfly/react-core";
import { BarsIcon, MoonIcon, SunIcon } from "@patternfly/react-icons";
import { useQuery } from "@tanstack/react-query";
import { type AnchorHTMLAttributes, useEffect, useRef } from "react";
import { Link, Navigate, Outlet, ScrollRestoration, useLocation } from "react-router";
import { isUnauthenticated } from "../api/problem";
import { callerQuery } from "../api/access";
import { Person } from "../login/Person";
import { Notices } from "../ui/notices";
import { UploadStatus } from "../images/UploadStatus";
import { Navigation } from "./Navigation";
import { useTheme } from "./theme";

const MAIN = "main";

/** What stands around every screen. */
export function Frame() {
  useFocusOnNavigation();
  const { pathname, search } = useLocation();
  const caller = useQuery(callerQuery);
  if (isUnauthenticated(caller.error)) {
    return <Navigate to={`/login?to=${encodeURIComponent(pathname + search)}`} replace />;
  }
  return (
    <Page
      banner={
        caller.data?.mode === "DISABLED" && (
          <Banner color="yellow">No login: all who reach this console are administrators (loupe.auth.mode=disabled).</Banner>
        )
      }
      isContentFilled
      isManagedSidebar
      mainContainerId={MAIN}
      masthead={<Head />}
      sidebar={<Navigation />}
      skipToContent={<SkipToContent href={`#${MAIN}`}>Skip to content</SkipToContent>}
    >
      <Outlet />
      <Notices />
      <ScrollRestoration />
    </Page>
  );
}

function Head() {
  const [dark, setDark] = useTheme();
  return (
    <Masthead>
      <MastheadMain>
        <MastheadToggle>
          <PageToggleButton variant="plain" aria-label="Navigation" icon={<BarsIcon />} />
        </MastheadToggle>
        <MastheadBrand>
          <MastheadLogo component={Home}>
            <img src="/favicon.svg" alt="" className="brand-mark" />
            <span className="brand-name">Loupe</span>
          </MastheadLogo>
        </MastheadBrand>
      </MastheadMain>
      <MastheadContent>
        <Toolbar isStatic>
          <ToolbarContent>
            <ToolbarGroup align={{ default: "alignEnd" }} gap={{ default: "gapMd" }}>
              <ToolbarItem>
                <UploadStatus />
              </ToolbarItem>
              <ToolbarItem>
                <Person />
              </ToolbarItem>
              <ToolbarItem>
                <Button
                  variant="plain"
                  icon={dark ? <SunIcon /> : <MoonIcon />}
                  aria-label={dark ? "Light theme" : "Dark theme"}
                  onClick={() => setDark(!dark)}
                />
              </ToolbarItem>
            </ToolbarGroup>
          </ToolbarContent>
        </Toolbar>
      </MastheadContent>
    </Masthead>
  );
}

function Home({ className = "", ...props }: AnchorHTMLAttributes<HTMLAnchorElement>) {
  return <Link {...props} className={`${className} brand-link`} to="/projects" />;
}

/** After a link, a screen reader and the keyboard go on in the new screen. */
function useFocusOnNavigation() {
  const path = useLocation().pathname;
  const before = useRef(path);
  useEffect(() => {
    if (before.current !== path) {
      before.current = path;
      document.getElementById(MAIN)?.focus();
    }
  }, [path]);
}
