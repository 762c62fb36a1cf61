using System;
using System.Buffers;
using System.Diagnostics;
using System.Reflection;
using System.Threading.Tasks;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests;

[Collection(nameof(AloneCollection))]
public class AllocationTests
{
    private const int Requests = 1000;
    private const int Rounds = 5; // a collection in between may empty the buffer pools once

    [Fact]
    public void RequestsOnAKeptConnectionAllocateNothingOnceWarm() => AssertAllocatesNothing(
        new Front((request, response) =>
        {
            response.AddHeader("Content-Type"u8, "text/plain"u8);
            response.ContentLength = request.Path.Length;
            response.Body.Write(request.Path);
            return default;
        }),
        new Wire().Begin(1).Variables(
            1,
            ("REQUEST_METHOD", "GET"), ("SCRIPT_NAME", "/api"), ("PATH_INFO", "/health"), ("QUERY_STRING", "a=b"),
            ("HTTP_COOKIE", "a=1"), ("HTTP_COOKIE", "b=2"), ("HTTP_ACCEPT", "*/*"), ("SERVER_PROTOCOL", "HTTP/1.1")).EndStdin(1));

    [Fact]
    public void BodiesAllocateNothingOnceWarm() => AssertAllocatesNothing(
        new Front((request, response) =>
        {
            while (request.Body.TryRead(out System.IO.Pipelines.ReadResult read))
            {
                request.Body.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    break;
            }
            return default;
        }),
        Wire.OpenPost().Stdin(1, "a short body").EndStdin(1));

    [Fact]
    public void FlushesAllocateNothingOnceWarm() => AssertAllocatesNothing(
        new Front(FlushTwice),
        Wire.Get());

    private static async ValueTask FlushTwice(FastCgiRequest request, FastCgiResponse response)
    {
        for (int i = 0; i < 2; i++)
        {
            response.Body.Write("a piece"u8);
            await response.Body.FlushAsync();
        }
    }

    private static void AssertAllocatesNothing(Front front, byte[] request)
    {
        Ask(front, request); // warm: buffers have grown, pools are filled
        long allocated = long.MaxValue;
        for (int i = 0; i < Rounds && allocated > 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Ask(front, request);
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.False(front.IsClosed);
        Assert.True(front.Ask(request).Status == "200 OK");
        // Without optimization the compiler makes every async method's state an object: then only a bound can be shown.
        Assert.InRange(allocated, 0, IsOptimized ? 0 : Requests * 4000);
    }

    private static void Ask(Front front, byte[] request)
    {
        for (int i = 0; i < Requests; i++)
        {
            front.Transport.Deliver(request);
            if (front.Transport.OutputLength == 0)
                Assert.Fail("no answer");
            front.Transport.DropOutput();
        }
    }

    private static bool IsOptimized =>
        typeof(FastCgiServer).Assembly.GetCustomAttribute<DebuggableAttribute>() is not { IsJITOptimizerDisabled: true };
}

/// <summary>Tests that run when no other does: the buffer pools are the process's.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;
