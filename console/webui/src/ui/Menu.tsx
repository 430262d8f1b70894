import { Dropdown, DropdownItem, DropdownList, MenuToggle } from "@patternfly/react-core";
import { EllipsisVIcon } from "@patternfly/react-icons";
import { useState } from "react";

interface Item {
  text: string;
  onSelect: () => void;
  danger?: boolean;
}

/** The three dots: actions on one thing. */
export function Menu({ label, items }: { label: string; items: Item[] }) {
  const [open, setOpen] = useState(false);
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={() => setOpen(false)}
      popperProps={{ position: "right" }}
      toggle={(toggle) => (
        <MenuToggle
          ref={toggle}
          variant="plain"
          aria-label={label}
          icon={<EllipsisVIcon />}
          isExpanded={open}
          onClick={() => setOpen(!open)}
        />
      )}
    >
      <DropdownList>
        {items.map(({ text, onSelect, danger }) => (
          <DropdownItem key={text} isDanger={danger} onClick={onSelect}>
            {text}
          </DropdownItem>
        ))}
      </DropdownList>
    </Dropdown>
  );
}
