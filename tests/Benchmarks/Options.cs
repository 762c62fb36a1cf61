using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Benchmarks;

/// <summary>The command line. An unknown option, section or an ill-typed value is one line and exit code 2.</summary>
internal sealed record Options
{
    public double Seconds { get; private init; } = 3;

    public int Rounds { get; private init; } = 3;

    /// <summary>Requests between the two RSS readings of the memory section.</summary>
    public long Requests { get; private init; } = 1_000_000;

    public string Binary { get; private init; } = "artifacts/linux-x64/appliance";

    private string[] Only { get; init; } = [];

    public bool Includes(string section) => Only.Length == 0 || Only.Contains(section);

    public static Options Parse(string[] arguments, IReadOnlyCollection<Section> sections)
    {
        var options = new Options();
        for (int i = 0; i < arguments.Length; i += 2)
        {
            string name = arguments[i];
            string value = i + 1 < arguments.Length ? arguments[i + 1] : throw new BenchException($"{name} wants a value");
            options = name switch
            {
                "--seconds" => options with { Seconds = Number(name, value, 0.1, 60) },
                "--rounds" => options with { Rounds = (int)Number(name, value, 1, 100) },
                "--requests" => options with { Requests = (long)Number(name, value, 1, 1e9) },
                "--binary" => options with { Binary = value },
                "--only" => options with { Only = SectionNames(value, sections) },
                _ => throw new BenchException($"unknown option {name}; --help lists them"),
            };
        }

        return options;
    }

    private static double Number(string name, string value, double least, double most)
    {
        bool valid = double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && number >= least && number <= most;
        return valid ? number : throw new BenchException($"{name} wants a number from {least} to {most}, not '{value}'");
    }

    private static string[] SectionNames(string value, IReadOnlyCollection<Section> sections)
    {
        string[] names = value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (string name in names)
        {
            if (sections.All(section => section.Name != name))
            {
                string known = string.Join("\n", sections.Select(section => $"  {section.Name,-12} {section.Tells}"));
                throw new BenchException($"no section '{name}'; there are\n{known}");
            }
        }

        return names;
    }
}
