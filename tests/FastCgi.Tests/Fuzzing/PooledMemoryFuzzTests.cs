using System;
using System.Collections.Generic;
using System.Diagnostics.Tracing;
using System.Threading;
using Xunit;
using Xunit.Abstractions;

namespace FastCgi.Tests.Fuzzing;

/// <summary>What made-up conversations hold of the buffer pool at once, and leave behind.</summary>
[Collection(nameof(AloneCollection))]
public class PooledMemoryFuzzTests(ITestOutputHelper output)
{
    private const int Sessions = 2500;

    [Fact]
    [Trait("kind", "fuzz")]
    public void NoConversationHoldsMoreOfThePoolThanItsRequestsMayOrKeepsIt()
    {
        using var pool = new PoolListener();
        long most = 0, kept = 0, seed = 1;
        Exception? failure = null;
        // A thread of its own: servers have no synchronization context.
        var thread = new Thread(() => failure = Record.Exception(() =>
        {
            var session = new FuzzedSession(TimeSpan.FromSeconds(10));
            for (; seed <= Sessions; seed++)
            {
                pool.Restart();
                session.Run(seed);
                most = Math.Max(most, pool.Peak);
                kept = Math.Max(kept, pool.Held);
                Assert.InRange(pool.Peak, 0, 1_500_000);
                Assert.InRange(pool.Held, 0, 100_000);
            }
        }));
        thread.Start();
        thread.Join();
        output.WriteLine($"at most {most} bytes rented at once in a session, {kept} at the end of one");
        Assert.True(failure is null, $"session {seed}: {failure}");
        Assert.InRange(most, 1, long.MaxValue);
    }

    /// <summary>Hears of every buffer that is rented and returned, on the thread that does it.</summary>
    private sealed class PoolListener : EventListener
    {
        private const int Rented = 1;
        private const int Returned = 3;

        private readonly Lock _gate = new();
        private readonly Dictionary<int, int> _rented = [];

        public long Held { get; private set; }

        public long Peak { get; private set; }

        public void Restart()
        {
            lock (_gate)
            {
                _rented.Clear();
                Held = Peak = 0;
            }
        }

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "System.Buffers.ArrayPoolEventSource")
                EnableEvents(eventSource, EventLevel.Verbose);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (_rented is null || eventData.EventId is not (Rented or Returned))
                return;
            int id = (int)eventData.Payload![0]!, size = (int)eventData.Payload[1]!;
            lock (_gate)
            {
                if (eventData.EventId == Rented)
                {
                    _rented[id] = size;
                    Held += size;
                    Peak = Math.Max(Peak, Held);
                }
                else if (_rented.Remove(id))
                {
                    Held -= size; // what was rented before the session is no matter of its own
                }
            }
        }
    }
}
