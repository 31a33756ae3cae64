"""`jupyter nbconvert --to html_with_lab notebook.ipynb`: a page in which the labs of a notebook train.

nbconvert comes with JupyterLab and finds this exporter by the entry point; nothing else imports it.
"""

from __future__ import annotations

from typing import Any

from nbconvert.exporters import HTMLExporter

from init_utils.lab.living import NoLabError, with_living_labs


class LabExporter(HTMLExporter):
    """nbconvert's HTML, with a living lab in place of each picture of one."""

    export_from_notebook = "HTML with the living lab"

    def from_notebook_node(  # type: ignore[override]  # nbconvert's own types differ in the same way
        self, nb: Any, resources: Any = None, **named: Any
    ) -> tuple[str, Any]:
        """The page; where the notebook shows no lab, as nbconvert makes it, with a warning.

        Raises
        ------
        LivingError
            An output says that it is a lab, and no lab wrote it.
        """
        page, resources = super().from_notebook_node(nb, resources, **named)
        try:
            page, _ = with_living_labs(page)
        except NoLabError as error:
            self.log.warning("The notebook %s.", error)
        return page, resources
