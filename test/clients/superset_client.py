"""Apache Superset as a client: driven by its REST API, and looked at.

usage: superset_client.py URL DATABASE-URI TYPED-SQL SCREENSHOT

Run by the Python of Superset's environment.  Makes in an empty Superset: the
database, a dataset on the frozen view reports.revenue_by_region, a virtual dataset on
TYPED-SQL, a chart on each, and a dashboard with both; asks in SQL Lab for real
columns.  Prints one JSON object with what came back, and has Chromium write the
dashboard to SCREENSHOT.
"""

import json
import sys

import requests
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

url, database_uri, typed_sql, screenshot = sys.argv[1:5]
USER = {"username": "admin", "password": "admin"}
SECONDS = 300  # that a page may take on a busy machine


class Superset:
    """Its REST API."""

    def __init__(self):
        self.session = requests.Session()
        login = self.call("POST", "security/login", {**USER, "provider": "db"})
        self.session.headers["Authorization"] = "Bearer " + login["access_token"]
        self.session.headers["Referer"] = url
        self.session.headers["X-CSRFToken"] = self.call("GET", "security/csrf_token/")["result"]

    def call(self, method, path, body=None):
        response = self.session.request(method, f"{url}/api/v1/{path}", json=body, timeout=SECONDS)
        if not response.ok:
            sys.exit(f"{method} {path}: {response.status_code} {response.text}")
        return response.json()

    def make(self, path, **body):
        """An object of Superset; its number."""
        return self.call("POST", path + "/", body)["id"]

    def columns(self, dataset):
        """What Superset has found out of a dataset."""
        columns = self.call("GET", f"dataset/{dataset}")["result"]["columns"]
        return {column["column_name"]: column["type"] for column in columns}


def query_context(dataset, form, columns, order):
    """The question that a chart asks of its dataset: revenue by these columns."""
    return {
        "datasource": {"id": dataset, "type": "table"},
        "force": True,
        "queries": [
            {
                "columns": columns,
                "metrics": [METRIC],
                "orderby": [[order, order != METRIC]],
                "row_limit": 100,
            }
        ],
        "form_data": form,
        "result_format": "json",
        "result_type": "full",
    }


METRIC = {
    "expressionType": "SIMPLE",
    "column": {"column_name": "revenue"},
    "aggregate": "SUM",
    "label": "Revenue in euros",
}


def chart(superset, dataset, name, axis, **more):
    """A bar or line chart of revenue along an axis: its number, its data, its SQL."""
    form = {
        "datasource": f"{dataset}__table",
        "x_axis": axis,
        "metrics": [METRIC],
        "groupby": [],
        "row_limit": 100,
        "y_axis_format": "SMART_NUMBER",
        "truncate_metric": True,
        "show_legend": False,
        **more,
    }
    context = query_context(dataset, form, [axis], axis if form["viz_type"].endswith("line") else METRIC)
    number = superset.make(
        "chart",
        slice_name=name,
        viz_type=form["viz_type"],
        datasource_id=dataset,
        datasource_type="table",
        params=json.dumps(form),
        query_context=json.dumps(context),
    )
    result = superset.call("POST", "chart/data", context)["result"][0]
    return number, {"data": result["data"], "sql": result["query"]}


def dashboard(superset, title, charts):
    """A dashboard with the charts side by side; its number."""
    layout = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": ["ROW"], "parents": ["ROOT_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": title}},
        "ROW": {
            "type": "ROW",
            "id": "ROW",
            "children": [f"CHART-{number}" for number in charts],
            "parents": ["ROOT_ID", "GRID_ID"],
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        },
    }
    for number in charts:
        layout[f"CHART-{number}"] = {
            "type": "CHART",
            "id": f"CHART-{number}",
            "children": [],
            "parents": ["ROOT_ID", "GRID_ID", "ROW"],
            "meta": {"chartId": number, "width": 6, "height": 52},
        }
    made = superset.make("dashboard", dashboard_title=title, position_json=json.dumps(layout), published=True)
    for number in charts:
        superset.call("PUT", f"chart/{number}", {"dashboards": [made]})
    return made


def picture(made, charts, file):
    """Logs in with Chromium, waits until the charts are drawn, and takes a picture."""
    options = webdriver.ChromeOptions()
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "window-size=1200,660", "hide-scrollbars"):
        options.add_argument("--" + argument)
    browser = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    browser.set_page_load_timeout(SECONDS)
    try:
        wait = WebDriverWait(browser, SECONDS)
        browser.get(url + "/login/")
        wait.until(lambda b: b.find_elements(By.ID, "username"))
        for name, value in USER.items():
            browser.find_element(By.ID, name).send_keys(value)
        browser.find_element(By.CSS_SELECTOR, "button[type=submit], input[type=submit]").click()
        wait.until(lambda b: "/login" not in b.current_url)
        browser.get(f"{url}/superset/dashboard/{made}/?standalone=1")
        wait.until(lambda b: len(b.find_elements(By.CSS_SELECTOR, ".chart-container canvas")) >= len(charts))
        wait.until(lambda b: not b.find_elements(By.CSS_SELECTOR, ".loading"))
        # The charts draw themselves with an animation.
        wait.until(lambda b: b.execute_async_script("setTimeout(arguments[0], 3000, true)"))
        browser.save_screenshot(file)
    finally:
        browser.quit()


def main():
    superset = Superset()
    database = superset.make(
        "database", database_name="demo", sqlalchemy_uri=database_uri, expose_in_sqllab=True
    )
    said = {}

    frozen = superset.make("dataset", database=database, schema="reports", table_name="revenue_by_region")
    bar, said["frozen"] = chart(
        superset, frozen, "Revenue by region (a frozen view)", "region", viz_type="echarts_timeseries_bar",
        x_axis_sort="Revenue in euros", x_axis_sort_asc=False,
    )
    said["frozen"]["columns"] = superset.columns(frozen)

    typed = superset.make(
        "dataset", database=database, schema="public", table_name="revenue by month", sql=typed_sql
    )
    line, said["typed"] = chart(
        superset, typed, "Revenue by month in 2024 (a typed contract)", "month", viz_type="echarts_timeseries_line",
        markerEnabled=True, x_axis_time_format="%b",
    )
    said["typed"]["columns"] = superset.columns(typed)

    lab = superset.call(
        "POST",
        "sqllab/execute/",
        {
            "database_id": database,
            "schema": "public",
            "sql": "SELECT * FROM llm_ask('top 3 products by revenue')",
            "client_id": "asked",
            "runAsync": False,
            "queryLimit": 1000,
        },
    )
    said["lab"] = {
        "columns": {column["column_name"]: column["type"] for column in lab["columns"]},
        "data": lab["data"],
        "sql": lab["query"]["executedSql"],
    }

    made = dashboard(superset, "Sales, asked in plain words", [bar, line])
    picture(made, [bar, line], screenshot)
    print(json.dumps(said))


main()
