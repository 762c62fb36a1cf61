using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using Appliance.Status;
using FastCgi;

namespace Appliance.Metrics;

/// <summary>Runs collectors one after the other, and says of each how long it took and whether it succeeded.</summary>
/// <remarks>
/// One failing collector never fails the scrape: it leaves no samples, and its success is 0. So does one that hangs, on a sensor's
/// driver or a server that is gone (<see cref="GuardedCalls{TAnswer}"/>). One after the other because together they need less than
/// a millisecond.
/// </remarks>
internal sealed class Scrape
{
    private readonly IReadOnlyList<Collectors.Entry> _collectors;
    private readonly IServerLog? _log;
    private readonly GuardedCalls<bool> _calls;
    private readonly bool[] _isBroken; // an exception is logged once, not with every scrape

    /// <param name="collectors">In the order of the answer.</param>
    /// <param name="deadline">How long one of them may take; all together, with the scrapes before them, twice as long.</param>
    /// <param name="log">Is told of those that fail by an exception, or hang.</param>
    public Scrape(IReadOnlyList<Collectors.Entry> collectors, TimeSpan deadline, IServerLog? log)
    {
        _collectors = collectors;
        _log = log;
        _calls = new GuardedCalls<bool>("metrics", deadline, 2 * deadline, mostHanging: collectors.Count);
        _isBroken = new bool[collectors.Count];
    }

    /// <summary>Writes a whole exposition. Does not block; what awaits it must not either (<see cref="GuardedCalls{TAnswer}.RunAsync"/>).</summary>
    /// <returns>The writer that has it: another than the one given if a collector hangs, which keeps that.</returns>
    public async ValueTask<ExpositionWriter> RunAsync(ExpositionWriter writer, ExpositionFormat format, CollectorSelection selection, CancellationToken unwanted = default)
    {
        writer.Begin(format);
        Round round = new(this, Selected(selection), writer, unwanted);
        await _calls.RunAsync(round).ConfigureAwait(false);
        round.WriteOutcomes();
        return round.Writer;
    }

    /// <summary>Another takes its place: as soon as no collector runs, something is done.</summary>
    public void Retire(Action whenIdle) => _calls.Retire(whenIdle);

    private int[] Selected(CollectorSelection selection)
    {
        int[] selected = new int[_collectors.Count];
        int count = 0;
        for (int i = 0; i < selected.Length; i++)
        {
            if (selection.Includes(i))
                selected[count++] = i;
        }
        return selected[..count];
    }

    private bool Collect(int collector, ExpositionWriter writer)
    {
        bool success = _collectors[collector].Collector.Collect(writer);
        _isBroken[collector] = false;
        return success && !writer.HasRepeatedFamily; // a source that is damaged can have a family twice
    }

    private void Report(int collector, Exception reason)
    {
        if (!_isBroken[collector])
            _log?.Write(ServerLogLevel.Error, $"collector {_collectors[collector].Name} failed: {reason.GetType().Name}: {reason.Message}");
        _isBroken[collector] = true;
    }

    /// <summary>One scrape.</summary>
    private sealed class Round(Scrape scrape, int[] selected, ExpositionWriter writer, CancellationToken unwanted) : GuardedRound<bool>(selected.Length)
    {
        private readonly long[] _took = new long[selected.Length];
        private readonly bool[] _success = new bool[selected.Length];
        private (int Text, int Names) _mark; // behind what is sure to be in the answer

        public ExpositionWriter Writer { get; private set; } = writer;

        public override bool IsWanted => !unwanted.IsCancellationRequested;

        public override int KeyOf(int index) => selected[index];

        public override bool Call(int index) => scrape.Collect(selected[index], Writer);

        public override bool Failed(int index, Exception reason)
        {
            scrape.Report(selected[index], reason);
            return false;
        }

        public override void Abandon(int index)
        {
            Writer = Writer.CopyOf(_mark.Text, _mark.Names);
            scrape._log?.Write(ServerLogLevel.Warning, $"collector {scrape._collectors[selected[index]].Name} hangs; it is left out until it returns");
        }

        public override bool Unanswered(int index, NoAnswer reason) => false;

        public override void Take(int index, bool answer)
        {
            if (!answer)
                Writer.RollBack(_mark.Text);
            _mark = (Writer.Mark(), Writer.Names);
            _took[index] = Took;
            _success[index] = answer;
        }

        public void WriteOutcomes()
        {
            Writer.Family(MetricType.Gauge, "node_scrape_collector_duration_seconds"u8, "How long a collector took."u8);
            for (int i = 0; i < selected.Length; i++)
                Writer.Label("collector"u8, scrape._collectors[selected[i]].Label).Sample((ulong)Stopwatch.GetElapsedTime(0, _took[i]).Ticks, decimals: 7);
            Writer.Family(MetricType.Gauge, "node_scrape_collector_success"u8, "Whether a collector could read its source."u8);
            for (int i = 0; i < selected.Length; i++)
                Writer.Label("collector"u8, scrape._collectors[selected[i]].Label).Sample(_success[i] ? 1 : 0);
            Writer.End();
        }
    }
}
