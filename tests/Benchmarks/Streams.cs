using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;

namespace Benchmarks;

/// <summary>
/// 1 GiB out and in, the same in eight streams that share a connection, and an event stream, from tests/Responder; each beside a C
/// program that moves as much over the same kind of socket without any protocol (peers/plain.c).
/// </summary>
internal static class Streams
{
    private const long Gibibyte = 1L << 30;
    private const int Together = 8;
    private const int Ticks = 1000;
    private const string Plain = "plain";

    private static readonly Dictionary<string, string> Room = new()
    {
        ["RESPONDER_BODYBYTES"] = Gibibyte.ToString(CultureInfo.InvariantCulture),
    };

    private sealed record Sample(double Seconds, double CpuSeconds, double Fairness, double P50, double P99);

    public static void Run(Bench bench)
    {
        if (!File.Exists(Contender.Responder.Program))
            throw new BenchException("artifacts/linux-x64/responder is not there");
        using Server responder = Server.Start(Contender.Responder, Room);
        string socket = Tools.Path(Plain + ".sock");
        using Process plain = Tools.Launch(socket, Tools.Path(Plain + ".log"), Contender.NoSettings, Tools.Path(Plain));
        try
        {
            Run(bench, responder, socket, plain.Id);
        }
        finally
        {
            plain.Kill();
            plain.WaitForExit();
            File.Delete(socket);
        }
    }

    private static void Run(Bench bench, Server responder, string plainSocket, int plainPid)
    {
        List<Sample> outward = [], plainOutward = [], inward = [], plainInward = [], together = [], ticks = [], plainTicks = [];
        for (int round = 1; round <= bench.Options.Rounds; round++)
        {
            Bench.Progress($"round {round} of {bench.Options.Rounds}: streams");
            plainOutward.Add(Measure(plainPid, plainSocket, "out", Gibibyte, plain: true));
            outward.Add(Measure(responder.Pid, responder.Socket, "out", Gibibyte));
            plainInward.Add(Measure(plainPid, plainSocket, "in", Gibibyte, plain: true));
            inward.Add(Measure(responder.Pid, responder.Socket, "in", Gibibyte));
            together.Add(Measure(responder.Pid, responder.Socket, "out", Gibibyte / Together, streams: Together));
            plainTicks.Add(Measure(plainPid, plainSocket, "ticks", Ticks, plain: true));
            ticks.Add(Measure(responder.Pid, responder.Socket, "ticks", Ticks));
        }

        var table = new Table("1 GiB", "MB/s", "spread", "MB/s plain", "× plain", "CPU s", "CPU s plain");
        Row("out", outward, plainOutward);
        Row("in", inward, plainInward);
        Row($"out, {Together} streams on one connection", together, plainOutward);
        bench.Print(table);
        string share = Figures.Percent(together.Select(sample => sample.Fairness).Median());
        bench.Note($"When the first of the {Together} streams was complete, the last one had {share} of its bytes.");

        var latency = new Table("from flush to arrival", "p50 µs", "p99 µs");
        latency.Row("event stream", Microseconds(ticks, sample => sample.P50), Microseconds(ticks, sample => sample.P99));
        latency.Row("plain", Microseconds(plainTicks, sample => sample.P50), Microseconds(plainTicks, sample => sample.P99));
        bench.Print(latency);

        void Row(string name, List<Sample> own, List<Sample> against)
        {
            double seconds = own.Select(sample => sample.Seconds).Median();
            double plain = against.Select(sample => sample.Seconds).Median();
            table.Row(name, Figures.Whole(Figures.Megabytes(Gibibyte) / seconds), Figures.Percent(own.ConvertAll(sample => sample.Seconds).Spread()),
                Figures.Whole(Figures.Megabytes(Gibibyte) / plain), Figures.Hundredths(plain / seconds),
                Figures.Hundredths(own.Select(sample => sample.CpuSeconds).Median()),
                Figures.Hundredths(against.Select(sample => sample.CpuSeconds).Median()));
        }
    }

    private static string Microseconds(List<Sample> samples, Func<Sample, double> figure) =>
        Figures.Tenths(samples.Select(figure).Median());

    private static Sample Measure(int pid, string socket, string mode, long amount, int streams = 1, bool plain = false)
    {
        double before = ProcessCounters.CpuMicroseconds(pid);
        string json = Tools.Output(
            Tools.Path("stream"),
            "--socket", socket,
            "--mode", mode,
            "--amount", amount.ToString(CultureInfo.InvariantCulture),
            "--streams", streams.ToString(CultureInfo.InvariantCulture),
            "--plain", plain ? "1" : "0");
        double cpu = (ProcessCounters.CpuMicroseconds(pid) - before) / 1e6;
        using JsonDocument document = JsonDocument.Parse(json);
        double Figure(string name) => document.RootElement.GetProperty(name).GetDouble();
        return new Sample(Figure("seconds"), cpu, Figure("fairness"), Figure("p50"), Figure("p99"));
    }
}
