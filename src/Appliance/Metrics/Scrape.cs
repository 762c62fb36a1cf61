using System;
using System.Collections.Generic;
using System.Diagnostics;
using FastCgi;

namespace Appliance.Metrics;

/// <summary>Runs collectors one after the other, and says of each how long it took and whether it succeeded.</summary>
/// <remarks>
/// One failing collector never fails the scrape: it leaves no samples, and its success is 0. Collectors keep state and share a
/// buffer, so a second scrape waits for the first. One after the other because together they need less than a millisecond, and
/// the only one that can hang (filesystem) bounds it itself.
/// </remarks>
internal sealed class Scrape
{
    private readonly object _turn = new();
    private readonly IReadOnlyList<Collectors.Entry> _collectors;
    private readonly IServerLog? _log;
    private readonly long[] _duration; // in ticks of Stopwatch, each of the last scrape it was part of
    private readonly bool[] _success;
    private readonly bool[] _isBroken; // an exception is logged once, not with every scrape

    public Scrape(IReadOnlyList<Collectors.Entry> collectors, IServerLog? log)
    {
        _collectors = collectors;
        _log = log;
        _duration = new long[collectors.Count];
        _success = new bool[collectors.Count];
        _isBroken = new bool[collectors.Count];
    }

    /// <summary>Writes a whole exposition.</summary>
    public void Run(ExpositionWriter writer, ExpositionFormat format, CollectorSelection selection)
    {
        lock (_turn)
        {
            writer.Begin(format);
            for (int i = 0; i < _collectors.Count; i++)
            {
                if (selection.Includes(i))
                    RunOne(i, writer);
            }
            WriteOutcomes(writer, selection);
            writer.End();
        }
    }

    private void RunOne(int index, ExpositionWriter writer)
    {
        long start = Stopwatch.GetTimestamp();
        int mark = writer.Mark();
        // A source that is damaged can have a family twice.
        _success[index] = Collect(index, writer) && !writer.HasRepeatedFamily;
        if (!_success[index])
            writer.RollBack(mark);
        _duration[index] = Stopwatch.GetTimestamp() - start;
    }

    private bool Collect(int index, ExpositionWriter writer)
    {
        try
        {
            bool success = _collectors[index].Collector.Collect(writer);
            _isBroken[index] = false;
            return success;
        }
        catch (Exception e)
        {
            if (!_isBroken[index])
                _log?.Write(ServerLogLevel.Error, $"collector {_collectors[index].Name} failed: {e.GetType().Name}: {e.Message}");
            _isBroken[index] = true;
            return false;
        }
    }

    private void WriteOutcomes(ExpositionWriter writer, CollectorSelection selection)
    {
        writer.Family(MetricType.Gauge, "node_scrape_collector_duration_seconds"u8, "How long a collector took."u8);
        for (int i = 0; i < _collectors.Count; i++)
        {
            if (selection.Includes(i))
                writer.Label("collector"u8, _collectors[i].Label).Sample((double)_duration[i] / Stopwatch.Frequency);
        }
        writer.Family(MetricType.Gauge, "node_scrape_collector_success"u8, "Whether a collector could read its source."u8);
        for (int i = 0; i < _collectors.Count; i++)
        {
            if (selection.Includes(i))
                writer.Label("collector"u8, _collectors[i].Label).Sample(_success[i] ? 1 : 0);
        }
    }
}
