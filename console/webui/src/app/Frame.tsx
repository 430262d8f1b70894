import {
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
import { type AnchorHTMLAttributes, useEffect, useRef } from "react";
import { Link, Outlet, ScrollRestoration, useLocation } from "react-router";
import { Notices } from "../ui/notices";
import { UploadStatus } from "../images/UploadStatus";
import { Navigation } from "./Navigation";
import { useTheme } from "./theme";

const MAIN = "main";

/** What stands around every screen. */
export function Frame() {
  useFocusOnNavigation();
  return (
    <Page
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
