using System;
using System.Linq;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Observation;

/// <summary>Whatever fronts and clients do costs one log line a minute of each kind.</summary>
public class EventLogTests
{
    private const long Minute = 60_000;

    private readonly MemoryLog _written = new();
    private readonly EventLog _log;
    private long _now = 1_000_000;

    public EventLogTests() => _log = new EventLog(_written, () => _now);

    private string[] Lines => [.. _written.Lines.Select(line => line.Message)];

    [Fact]
    public void TheFirstOfAKindIsWrittenAtOnce()
    {
        _log.Report(EventKind.ProtocolError, ServerLogLevel.Warning, "one");
        Assert.Equal(["one"], Lines);
        Assert.False(_log.HoldsBack);
    }

    [Fact]
    public void ALineDoesNotGrowWithWhatAClientSends()
    {
        _log.Report(EventKind.ProtocolError, ServerLogLevel.Warning, new string('x', 60_000));
        _log.Report(EventKind.ProtocolError, ServerLogLevel.Warning, new string('y', 60_000));
        _now += Minute;
        _log.Sweep();
        Assert.Equal(2, Lines.Length);
        Assert.All(Lines, line => Assert.InRange(line.Length, 1000, 1050));
    }

    [Fact]
    public void ALogThatThrowsCostsNoAnswer()
    {
        foreach (bool enabled in (bool[])[true, false])
        {
            var front = new Front(new RequestDispatcher(
                new Site((_, _) => throw new InvalidOperationException("secret")), new ServerLimits(), new FailingLog(enabled)));
            Assert.Equal("500 Internal Server Error", front.Ask(Wire.Get()).Status);
            front.Send("GET / HTTP/1.1\r\n"u8.ToArray()).WaitForClose();
        }
    }

    [Fact]
    public void ALineThatCameAloneIsFollowedByNothing()
    {
        _log.Report(EventKind.ProtocolError, ServerLogLevel.Warning, "one");
        _now += Minute;
        _log.Sweep();
        _log.Report(EventKind.ProtocolError, ServerLogLevel.Warning, "two");
        Assert.Equal(["one", "two"], Lines);
    }

    [Fact]
    public void WhatComesWithinTheMinuteIsWrittenWhenItIsOverWithItsNumber()
    {
        _log.Report(EventKind.ProtocolError, ServerLogLevel.Warning, "one");
        for (int i = 0; i < 41; i++)
            _log.Report(EventKind.ProtocolError, ServerLogLevel.Warning, $"more {i}");
        _now += Minute - 1;
        _log.Sweep();
        Assert.Equal(["one"], Lines);
        Assert.True(_log.HoldsBack);
        _now++;
        _log.Sweep();
        Assert.Equal(["one", "more 40 (and 40 more like it within a minute)"], Lines);
        Assert.False(_log.HoldsBack);
    }

    [Fact]
    public void AFloodOfAnHourIsSixtyLines()
    {
        for (int i = 0; i < 3600 * 10; i++)
        {
            _log.Report(EventKind.ProtocolError, ServerLogLevel.Warning, "again");
            _now += 100;
            if (i % 10 == 0)
                _log.Sweep();
        }
        Assert.InRange(Lines.Length, 59, 60);
    }

    [Fact]
    public void WithoutASweepTheNextLineBringsTheNumber()
    {
        _log.Report(EventKind.ProtocolError, ServerLogLevel.Warning, "one");
        _log.Report(EventKind.ProtocolError, ServerLogLevel.Warning, "two");
        _log.Report(EventKind.ProtocolError, ServerLogLevel.Warning, "three");
        _now += Minute;
        _log.Report(EventKind.ProtocolError, ServerLogLevel.Warning, "four");
        Assert.Equal(["one", "three (and 1 more like it within a minute)"], Lines);
        _now += Minute;
        _log.Sweep();
        Assert.Equal("four", Lines[^1]);
    }

    [Fact]
    public void KindsAndSourcesDoNotHideOneAnother()
    {
        _log.Report(EventKind.ProtocolError, ServerLogLevel.Warning, "protocol");
        _log.Report(EventKind.HandlerFailed, ServerLogLevel.Error, "handler of strings", typeof(string));
        _log.Report(EventKind.HandlerFailed, ServerLogLevel.Error, "handler of numbers", typeof(int));
        Assert.Equal(3, Lines.Length);
    }

    [Fact]
    public void SourcesBeyondABoundShareALine()
    {
        Type[] types = [.. typeof(string).Assembly.GetTypes().Take(1000)];
        foreach (Type type in types)
            _log.Report(EventKind.HandlerFailed, ServerLogLevel.Error, type.FullName!, type);
        Assert.Equal(65, Lines.Length); // 64 of their own, and the first of those that share
        _log.Sweep(all: true);
        Assert.EndsWith($"(and {types.Length - 66} more like it within a minute)", Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void TheEndOfTheServerWritesWhatIsHeldBack()
    {
        _log.Report(EventKind.ProtocolError, ServerLogLevel.Warning, "one");
        _log.Report(EventKind.ProtocolError, ServerLogLevel.Warning, "two");
        _log.Sweep(all: true);
        Assert.Equal(["one", "two"], Lines);
    }

    [Fact]
    [Case(5)]
    public void AFrontThatKeepsBreakingTheProtocolCostsOneLine()
    {
        var first = new Front(Site.SayPath);
        first.Send(Site.Bytes("GET / HTTP/1.1\r\n\r\n")).WaitForClose();
        for (int i = 0; i < 20; i++)
            first.Beside().Send(Site.Bytes("GET / HTTP/1.1\r\n\r\n")).WaitForClose();
        Assert.Single(first.Log.Lines, line => line.Level == ServerLogLevel.Warning);
        Assert.Equal(21, first.Dispatcher.Counters.ProtocolErrors);
    }

    [Fact]
    public void AHandlerThatKeepsFailingCostsOneLine()
    {
        var front = new Front((_, _) => throw new InvalidOperationException("again"));
        for (int i = 0; i < 20; i++)
            Assert.Equal("500 Internal Server Error", front.Ask(Wire.Get()).Status);
        Assert.Single(front.Log.Lines, line => line.Level == ServerLogLevel.Error);
        Assert.Equal(20, front.Dispatcher.Counters.Failed);
    }

    private sealed class FailingLog(bool enabled) : IServerLog
    {
        public bool IsEnabled(ServerLogLevel level) => enabled ? true : throw new InvalidOperationException("no level");

        public void Write(ServerLogLevel level, string message) => throw new InvalidOperationException("no line");
    }
}
