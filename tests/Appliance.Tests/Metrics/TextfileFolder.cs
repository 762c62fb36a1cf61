using System;
using System.Collections.Generic;
using Appliance.Metrics;

namespace Appliance.Tests.Metrics;

/// <summary>A device whose /var/metrics the textfile collector reads.</summary>
internal sealed class TextfileFolder : IDisposable
{
    public const string Error = "node_textfile_scrape_error";
    public const string Good = "# HELP pump_starts_total Starts.\n# TYPE pump_starts_total counter\npump_starts_total{pump=\"1\"} 5\n";

    public TextfileFolder() => Device = new Scraped(textfiles: "/var/metrics", log: new ListLog(Log));

    public Scraped Device { get; }

    /// <summary>What the collector has logged.</summary>
    public List<string> Log { get; } = [];

    public void Dispose() => Device.Dispose();

    public void Put(string file, string text) => Device.Put($"root/var/metrics/{file}", text);

    public Dictionary<string, double> Ask() => Device.Ask("textfile")!.Samples;

    public string Text(ExpositionFormat format) => Device.Text("collect[]=textfile", format);
}
