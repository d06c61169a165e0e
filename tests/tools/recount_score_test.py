"""Computes the regional score again from the CSV files and the method file, with none of qipu's code,
and expects the same numbers; and the same companies and densities from the other commands."""
import csv
import datetime
import json
import math
import os
import unittest
from fractions import Fraction

from qipu_runner import METHOD, SCHEMAS, QipuTest
from recount_demonstration_test import Landscape, read


def in_force(region, day):
    """Years stand for their first day."""
    return int(region["first_year"]) <= day.year and not (
        region["last_year"] and int(region["last_year"]) <= day.year)


def shape(values):
    """Adjusted Fisher-Pearson skewness and excess kurtosis."""
    n, mean = len(values), math.fsum(values) / len(values)
    m2, m3, m4 = (math.fsum((x - mean) ** k for x in values) / n for k in (2, 3, 4))
    skewness = m3 / m2 ** 1.5 * math.sqrt(n * (n - 1)) / (n - 2)
    kurtosis = ((n + 1) * (m4 / m2 ** 2 - 3) + 6) * (n - 1) / ((n - 2) * (n - 3))
    return skewness, kurtosis


def treat(column, rule):
    """Winsorises step by step, else the logarithm, of the values that are there."""
    def passes(values):
        skewness, kurtosis = shape(values)
        return abs(skewness) < rule["skewness"] or kurtosis < rule["kurtosis"]

    values, treated = dict(column), set()
    while not passes(values.values()) and len(treated) < rule["winsorise_max"]:
        high = shape(values.values())[0] >= 0
        extreme = (max if high else min)(values.values())
        others = [x for x in values.values() if x != extreme]
        for code in [c for c, x in values.items() if x == extreme]:
            values[code] = (max if high else min)(others)
            treated.add(code)
    if passes(values.values()):
        return values
    low, high = min(column.values()), max(column.values())
    return {c: math.log(x - low + 0.01 * (high - low)) for c, x in column.items()}


class Recount:
    """Raw values, normalised values, nodes and ranks of every unit."""

    def __init__(self, method):
        self.method = method
        self.day = datetime.date.fromisoformat(method["as_of"])
        self.world = Landscape(self.day)
        cities = {r["code"]: float(r["gdp_2020_100m_cny"]) for r in read("reference/cities.csv")}
        self.city = {r["id"]: r["parent_code"] for r in read("reference/regions.csv")
                     if r["kind"] == "district" and in_force(r, self.day)
                     and cities.get(r["parent_code"], 0) >= 10000}
        self.gdp = {code: cities[city] for code, city in self.city.items()}
        self.raw = {i: self.column(of["from"], of.get("scale", 1))
                    for i, of in method["indicators"].items()}
        self.normalised = {i: self.normalise(column) for i, column in self.raw.items()}
        self.nodes = {}
        (name, root), = method["tree"].items()
        self.evaluate(name, root)
        self.score = self.nodes[name]

    def column(self, source, scale):
        values = (self.coverage(source["coverage"]) if "coverage" in source
                  else {code: self.value(source, code) for code in self.city})
        return {code: x * scale for code, x in values.items() if x is not None}

    def value(self, source, code):
        if source.get("of") == "city":
            return self.gdp[code] * 1e8
        district = self.world.districts.get(code)
        if district is None:
            return None
        if "property" in source:
            value = float(district[COLUMNS[source["property"]]])
            return value / float(district[COLUMNS[source["divide_by"]]]) \
                if "divide_by" in source else value
        roles = source["role"] if isinstance(source["role"], list) else [source["role"]]
        companies = [c for c in self.world.rows if c["district_code"] == code
                     and {ROLES.get(r, r) for r in roles} & set(c["roles"].split(";"))]
        basis = {"km2": ("area_km2", 1),
                 "10k_manufacturing_workers": ("manufacturing_workers_2020_est", 10000)}
        key, unit = basis[source["per"]]
        if source["density"] == "density":
            return len(companies) * unit / float(district[key])
        stated = [Fraction(c["registered_capital_10k_cny"]) * 10000 for c in companies
                  if c["registered_capital_10k_cny"]]
        if companies and not stated:
            return None
        return float(sum(stated)) * unit / float(district[key])

    def coverage(self, what):
        segments, links = self.world.segments, self.world.links
        counts = self.world.segment_counts()
        weight = {s: Fraction(str(segments[s].get("weight", 1))) for s in segments}
        usual = {s: (sorted(n.values()) or [1])[(len(n) - 1) // 2 if n else 0]
                 for s, n in counts.items()}
        result = {}
        for code in self.city:
            n = {s: counts[s][code] for s in segments}
            parts = {
                "breadth": lambda: sum(weight[s] for s in segments if n[s]) / sum(weight.values()),
                "depth": lambda: sum(weight[s] * min(Fraction(1), Fraction(n[s], usual[s]))
                                     for s in segments) / sum(weight.values()),
                "link_completeness": lambda: Fraction(sum(1 for a, b in links if n[a] and n[b]),
                                                      len(links))}
            result[code] = float(parts[what]())
        return result

    def normalise(self, column):
        treated = treat(column, self.method["outliers"])
        low, high = min(treated.values()), max(treated.values())
        bottom, top = self.method["normalise"]["range"]
        return {c: (x - low) / (high - low) * (top - bottom) + bottom for c, x in treated.items()}

    def evaluate(self, name, node):
        """Weighted arithmetic means; what is missing gives its weight to the others."""
        if not isinstance(node, dict):
            return self.normalised[name]
        values = {n: self.evaluate(n, child) for n, child in node["children"].items()}
        weights = {n: child.get("weight", 1) if isinstance(child, dict) else child
                   for n, child in node["children"].items()}
        self.nodes[name] = {}
        for code in self.city:
            there = [n for n in values if code in values[n]]
            if not there or len(there) / len(values) < self.method["min_share"]:
                continue
            # From left to right, as the method file has them: the same doubles to the last bit.
            self.nodes[name][code] = (sum(weights[n] * values[n][code] for n in there)
                                      / sum(weights[n] for n in there))
        return self.nodes[name]

    def contributions(self, code):
        """Of each indicator to the score: its value times the shares of the nodes it lies in."""
        result = {}

        def walk(node, above):
            children = node["children"]
            values = {n: self.nodes[n] if isinstance(child, dict) else self.normalised[n]
                      for n, child in children.items()}
            weights = {n: child.get("weight", 1) if isinstance(child, dict) else child
                       for n, child in children.items()}
            there = [n for n in children if code in values[n]]
            for n in there:
                shares = [weights[n] / sum(weights[m] for m in there)] + above
                if isinstance(children[n], dict):
                    walk(children[n], shares)
                else:
                    result[n] = math.prod(shares) * values[n][code]

        (root,) = self.method["tree"].values()
        walk(root, [])
        return result


ROLES = {"platform_provider": "platform"}
COLUMNS = {"population": "population_2020", "bachelor_share": "bachelor_share",
           "manufacturing_workers": "manufacturing_workers_2020_est",
           "software_workers": "software_workers_2020_est", "rd_workers": "rd_workers_2020_est"}


class RecountScore(QipuTest):
    def setUp(self):
        super().setUp()
        self.load_demonstration()
        self.method = json.loads(METHOD.read_text())
        self.day = self.method["as_of"]

    def test_every_unit(self):
        recount = Recount(self.method)
        rows = self.rows("score", "--method", METHOD, "--draws", "0")
        self.assertEqual({r["code"] for r in rows}, set(recount.score))
        self.assertEqual(len(rows), len(recount.city))  # the census knows every one of them
        for row in rows:
            for node, values in recount.nodes.items():
                if node in recount.method["tree"]:
                    continue  # the score is the sum of its contributions
                self.assertEqual(row[node], values[row["code"]], (row["code"], node))
            parts = recount.contributions(row["code"])
            self.assertEqual({i: row[i] for i in recount.raw if row[i] is not None}, parts)
            self.assertEqual(row["score"], sum(parts[i] for i in recount.raw if i in parts))
        order = sorted(recount.score, key=lambda code: (-recount.score[code], code))
        self.assertEqual([r["code"] for r in rows], order)

    def test_every_step_of_some_units(self):
        recount = Recount(self.method)
        for code in ("440305", "330104", "320613", "120102"):
            steps = {r["indicator"]: r
                     for r in self.rows("score", "--method", METHOD, "--draws", "0", "--explain", code)}
            for indicator, column in recount.raw.items():
                step = steps[indicator]
                if code not in column:
                    self.assertIsNone(step["raw"], (code, indicator))
                    continue
                self.assertEqual(step["raw"], column[code], (code, indicator))
                self.assertEqual(step["normalised"], recount.normalised[indicator][code], (code, indicator))
                self.assertEqual(step["contribution"], step["weight"] * step["normalised"], (code, indicator))

    def test_agrees_with_the_other_commands_on_any_day(self):
        """Raw values of the score are those of density, coverage and query, bit by bit."""
        for day in (self.day, "2010-01-01", "2024-06-30"):
            when = ["--as-of", day]
            densities = {r["code"]: r for r in self.rows(
                "density", "--role", "device_supplier", "--per", "km2", *when)}
            coverage = {r["code"]: r for r in self.rows(
                "coverage", "--chain", "smart-manufacturing", *when)}
            counted = {r["code"]: r["n"] for r in self.query(
                "MATCH (c:DeviceSupplier)-[:LOCATED_IN]->(d:District) WHERE c.founded IS NULL OR "
                "c.founded <= date($day) RETURN d.code AS code, count(DISTINCT c) AS n",
                "--param", "day=" + day)}
            for code in ("440306", "330110", "330105", "310115"):
                steps = {r["indicator"]: r for r in self.rows(
                    "score", "--method", METHOD, "--draws", "0", "--explain", code, *when)}
                with self.subTest(day=day, code=code):
                    self.assertEqual(steps["device_density"]["raw"], densities[code]["density"])
                    self.assertEqual(steps["device_density"]["numerator"], counted.get(code, 0))
                    self.assertEqual(steps["chain_breadth"]["raw"], coverage[code]["breadth"])
                    self.assertEqual(steps["chain_links"]["raw"],
                                     coverage[code]["link_completeness"])

    def test_figures_of_retired_districts_are_never_lost_silently(self):
        for words in (["density", "--per", "km2"], ["score", "--method", METHOD, "--draws", "0"]):
            with self.subTest(words=words):
                self.assertNotIn("not counted", self.must(*words, "--as-of", self.day).err)
                later = self.must(*words, "--as-of", "2024-01-01").err
                self.assertIn("330104 江干区", later)
                self.assertIn("not counted", later)

    def test_figures_of_before_a_change_of_territory_are_missing(self):
        for day, known in ((self.day, True), ("2020-12-31", True), ("2021-01-01", False)):
            steps = {r["indicator"]: r for r in self.rows(
                "score", "--method", METHOD, "--draws", "0", "--explain", "330110", "--as-of", day)}
            for indicator in ("bachelor_share", "rd_intensity", "manufacturing_workers",
                              "device_density"):
                with self.subTest(day=day, indicator=indicator):
                    self.assertEqual(steps[indicator]["raw"] is not None, known)
            self.assertIsNotNone(steps["city_gdp"]["raw"], "its city is what it was")

    def test_companies_behind_a_number_add_up_to_it(self):
        steps = self.rows("score", "--method", METHOD, "--draws", "0", "--explain", "440306",
                          "device_density")
        companies = [r["note"] for r in steps if r["step"] == "company"]
        self.assertEqual(len(companies), next(r["value"] for r in steps if r["step"] == "numerator"))
        identity = companies[0].split()[0]
        self.assertIn("companies.csv", self.must("why", identity).out)

    def test_the_same_bytes_under_any_locale_and_order(self):
        words = ["score", "--method", METHOD, "--draws", "200", "--format", "csv"]
        first = self.must(*words).out
        for name in ("C", "C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8"):
            os.environ["LC_ALL"] = name
            self.addCleanup(os.environ.pop, "LC_ALL", None)
            self.assertEqual(self.must(*words).out, first, name)
        with open(SCHEMAS / "demo/companies.csv", encoding="utf-8", newline="") as file:
            header, *rows = list(csv.reader(file))
        turned = self.folder / "companies.csv"
        with open(turned, "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *reversed(rows)])
        other = self.folder / "turned.db"
        self.must("init", db=other)
        self.must("import", "--source", "cn-demo-companies", turned, db=other)
        self.assertEqual(self.must(*words, db=other).out, first)


if __name__ == "__main__":
    unittest.main()
