using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;
using Xunit.Abstractions;

namespace Appliance.Tests.Metrics;

/// <summary>Compares what a collector says with what node_exporter says, and prints what differs.</summary>
/// <param name="collector">Whose <see cref="DeliberateDifferences"/> are allowed.</param>
/// <param name="families">Which of the expected families are its own.</param>
/// <param name="output">Where to.</param>
internal sealed class SampleComparison(string collector, string families, ITestOutputHelper output)
{
    // Go multiplies binary fractions (9653.880000000001) where exact decimals are written here.
    private const double Tolerance = 1e-12;

    private readonly List<string> _differences = [];
    private readonly HashSet<string> _used = [];

    /// <summary>Asserts that there are no differences but those on purpose.</summary>
    /// <returns>The reasons of these.</returns>
    public HashSet<string> Run(Exposition expected, Exposition actual)
    {
        string[] keys = [.. expected.Samples.Keys.Where(IsClaimed).Union(actual.Samples.Keys.Where(IsItsOwn)).Order(StringComparer.Ordinal)];
        foreach (string key in keys)
            CompareSample(key, expected, actual);
        foreach ((string family, string type) in expected.Types.Where(family => IsClaimed(family.Key)))
        {
            if (actual.Types.GetValueOrDefault(family) is string other ? other != type : !DeliberateDifferences.Explain(collector, family, _used))
                _differences.Add($"{family} is a {actual.Types.GetValueOrDefault(family)}, expected a {type}");
        }

        output.WriteLine($"{collector}: {keys.Length} samples compared");
        _differences.ForEach(output.WriteLine);
        foreach ((_, string line) in DeliberateDifferences.All.Where(entry => entry.Collector == collector))
            output.WriteLine($"on purpose: {line}");
        Assert.True(_differences.Count == 0, string.Join('\n', _differences));
        Assert.NotEmpty(keys);
        return _used;
    }

    private bool IsClaimed(string key) => Regex.IsMatch(Exposition.Name(key), families);

    private static bool IsItsOwn(string key) => !key.StartsWith("node_scrape_", StringComparison.Ordinal);

    private void CompareSample(string key, Exposition expected, Exposition actual)
    {
        bool isExpected = expected.Samples.TryGetValue(key, out double value) && IsClaimed(key);
        bool isThere = actual.Samples.TryGetValue(key, out double other);
        string? difference = !isThere ? $"missing: {key} {value:R}"
            : !isExpected ? $"not expected: {key} {other:R}"
            : !value.Equals(other) && !(Math.Abs(other - value) <= Tolerance * Math.Abs(value)) ? $"{key} is {other:R}, expected {value:R}"
            : null;
        if (difference is not null && !DeliberateDifferences.Explain(collector, key, _used))
            _differences.Add(difference);
    }
}
