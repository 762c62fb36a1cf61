using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Integration.Tests.Fixture;

namespace Integration.Tests.Metrics;

/// <summary>A line of Dashboards.txt, which says what its fields mean.</summary>
public sealed partial record DashboardQuery(string Dashboard, string Panel, string Collector, string Who, string Query)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<DashboardQuery> All { get; } = Read();

    /// <summary>The metrics that it asks for.</summary>
    public IEnumerable<string> Metrics => MetricName().Matches(Query).Select(match => match.Value).Distinct();

    /// <summary>The query as a dashboard asks it of one target.</summary>
    public string Of(Uri target) => Query.Replace("$node", $"job=\"{Prometheus.Job}\",instance=\"{target.Authority}\"", StringComparison.Ordinal);

    public override string ToString() => $"{Dashboard} | {Panel} | {Collector} | {Who} | {Query}";

    [GeneratedRegex(@"\b(?:node|process|appliance|backup)_\w+(?=\{)")]
    private static partial Regex MetricName();

    private static List<DashboardQuery> Read()
    {
        List<DashboardQuery> queries = [];
        string dashboard = "";
        foreach (string line in File.ReadLines($"{Machine.Root}/tests/Integration.Tests/Metrics/Dashboards.txt"))
        {
            if (line.StartsWith("= ", StringComparison.Ordinal))
                dashboard = line[2..];
            else if (line.Length > 0 && line[0] != '#')
                queries.Add(line.Split(" | ", 4) is [var panel, var collector, ("any" or "some" or "none") and var who, var query]
                    ? new DashboardQuery(dashboard, panel, collector, who, query)
                    : throw new InvalidDataException($"Dashboards.txt: not a query: {line}"));
        }
        return queries;
    }
}
