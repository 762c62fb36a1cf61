using System;
using System.Collections.Generic;
using System.Text;
using Appliance.Metrics;
using Appliance.Status;
using Appliance.Tests.Status;
using FastCgi;

namespace Appliance.Tests.Metrics;

/// <summary>A device of files, scraped by the product's own collectors, which live as long as this.</summary>
internal sealed class Scraped : IDisposable
{
    private readonly FixtureDevice _device = new(FixtureDevice.BasicFiles); // tests bring what else they need
    private readonly IReadOnlyList<Collectors.Entry> _collectors;
    private readonly Scrape _scrape;

    public Scraped(Func<string, FilesystemSize>? statvfs = null, string? textfiles = null, IServerLog? log = null)
    {
        FilesystemProbe probe = new(_device.Roots, statvfs ?? FixtureDevice.AnySize, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1));
        _collectors = Collectors.Table(new SourceFiles(_device.Roots), probe, server: null, textfiles, log);
        _scrape = new Scrape(_collectors, TimeSpan.FromMinutes(1), log: null);
    }

    /// <summary>The collectors, to be asked for their names alone.</summary>
    public static IReadOnlyList<Collectors.Entry> Table()
    {
        using Scraped device = new();
        return device._collectors;
    }

    public void Put(string path, string text) => _device.Put(path, text);

    /// <summary>Path of a file of the device on this machine.</summary>
    public string InRoot(string path) => _device.Roots.InRoot(path);

    /// <summary>Path of a file of its sys filesystem on this machine.</summary>
    public string InSys(string path) => _device.Roots.InSys(path);

    public void Remove(string path) => _device.Remove(path);

    /// <summary>What one collector says, without the frame's own samples; null when it failed.</summary>
    public Exposition? Ask(string collector)
    {
        Exposition exposition = AskAll($"collect[]={collector}");
        double success = exposition.Samples[$"node_scrape_collector_success{{collector=\"{collector}\"}}"];
        foreach (string key in new List<string>(exposition.Samples.Keys))
        {
            if (key.StartsWith("node_scrape_", StringComparison.Ordinal))
                exposition.Samples.Remove(key);
        }
        return success == 1 ? exposition : null;
    }

    public Exposition AskAll(string query = "") => Exposition.Parse(Text(query, ExpositionFormat.PrometheusText));

    /// <summary>The answer as it stands.</summary>
    public string Text(string query, ExpositionFormat format)
    {
        ExpositionWriter writer = new();
        writer = _scrape.Run(writer, format, CollectorSelection.Parse(Encoding.ASCII.GetBytes(query), _collectors));
        return Encoding.UTF8.GetString(writer.Written.Span);
    }

    public void Dispose() => _device.Dispose();
}
