// Headings of sortable tables become buttons. Without scripts the tables stand in the order they were written.
document.querySelectorAll("table[data-sorts]").forEach((table) => {
  const body = table.tBodies[0];
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.sort ?? cell.textContent.trim();
  };
  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    if (heading.dataset.sorts === "no") return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const down = heading.getAttribute("aria-sort") === "ascending";
      const rows = [...body.rows].map((row) => [value(row, column), row]);
      rows.sort(([a], [b]) => {
        if (a === "" || b === "") return (a === "") - (b === "");
        const difference = a - b;
        const order = Number.isNaN(difference) ? a.localeCompare(b, undefined, { numeric: true }) : difference;
        return down ? -order : order;
      });
      body.append(...rows.map(([, row]) => row));
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    });
  });
});
