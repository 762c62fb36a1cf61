using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using FastCgi.Tests.Harness;
using Xunit;

namespace FastCgi.Tests.Observation;

/// <summary>What a server over a real socket says of itself.</summary>
public sealed class FiguresTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fcgi").FullName;
    private readonly List<Socket> _fronts = [];
    private FastCgiServer? _server;
    private Task _running = Task.CompletedTask;

    public void Dispose()
    {
        _fronts.ForEach(front => front.Dispose());
        _server?.Stop();
        _server?.Stop();
        _running.Wait(Front.Deadline);
        _server?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void AServerThatHasDoneNothingHasNothingToTell()
    {
        FastCgiServer server = Start(Site.SayPath, new ServerLimits { MaxConnections = 7, MaxQueuedRequests = 3 });
        ServerFigures figures = server.Figures;
        Assert.Equal((0, 0, 0, 0), (figures.AcceptedConnections, figures.OpenConnections, figures.Requests, figures.ActiveRequests));
        Assert.Equal((7, 3), (figures.ConnectionLimit, figures.QueueLimit));
        Assert.InRange(figures.StartTime, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddSeconds(1));
        Assert.Empty(server.OpenRequests());
    }

    [Fact]
    public async Task RequestsInFlightAreListedWithWhatIsDoneForThem()
    {
        var hold = new TaskCompletionSource();
        FastCgiServer server = Start(async (request, response) =>
        {
            if (request.Path.SequenceEqual("/sending"u8))
                await response.Body.FlushAsync();
            await hold.Task;
        });
        Socket running = Ask(Wire.Get("/running"));
        Socket sending = Ask(new Wire().Begin(7).Variables(
            7, ("REQUEST_METHOD", "PUT"), ("SCRIPT_NAME", "/sending"), ("QUERY_STRING", "q"), ("CONTENT_LENGTH", "12")));
        Ask(new Wire().Begin(3));

        Assert.True(SpinWait.SpinUntil(
            () => server.OpenRequests().Count == 3 && server.OpenRequests().Any(r => r.Stage == RequestStage.Sending), Front.Deadline));
        RequestFigures[] open = [.. server.OpenRequests().OrderBy(request => request.Id)];

        Assert.Equal((1, RequestStage.Running, "GET", "/running", null), Told(open[0]));
        Assert.Equal((3, RequestStage.ReadingParameters, "", "", null), Told(open[1]));
        Assert.Equal((7, RequestStage.Sending, "PUT", "/sending?q", 12L), Told(open[2]));
        Assert.Equal(3, open.Select(request => request.Connection).Distinct().Count());
        ServerFigures figures = server.Figures;
        Assert.Equal((3, 3, 0), (figures.OpenConnections, figures.ActiveConnections, figures.IdleConnections));
        Assert.Equal((2, 2, 2), (figures.Requests, figures.ActiveRequests, figures.MaxActiveRequests));

        hold.SetResult();
        Read(running);
        Read(sending);
        Assert.True(SpinWait.SpinUntil(() => server.OpenRequests().Count == 1 && server.Figures.ActiveRequests == 0, Front.Deadline));
        Assert.Equal(2, server.Figures.MaxActiveRequests);
    }

    [Fact]
    public void HandlersThatMayBlockQueueAndTheQueueIsCounted()
    {
        using var hold = new ManualResetEventSlim();
        FastCgiServer server = Start(
            (_, _) =>
            {
                hold.Wait(Front.Deadline);
                return default;
            },
            new ServerLimits { MaxBlockingHandlers = 1, MaxQueuedRequests = 2 },
            mayBlock: true);
        Socket[] fronts = [.. Enumerable.Range(0, 4).Select(_ => Ask(Wire.Get()))];

        Assert.True(SpinWait.SpinUntil(() => server.Figures.OverloadedRequests == 1, Front.Deadline));
        ServerFigures figures = server.Figures;
        Assert.Equal((1, 2, 2, 2), (figures.BlockingHandlers, figures.QueuedRequests, figures.MaxQueuedRequests, figures.QueueLimit));
        Assert.Equal(2, server.OpenRequests().Count(request => request.Stage == RequestStage.Queued));

        hold.Set();
        Array.ForEach(fronts, Read);
        Assert.True(SpinWait.SpinUntil(() => server.Figures.BlockingHandlers == 0, Front.Deadline));
        Assert.Equal((0, 2), (server.Figures.QueuedRequests, server.Figures.MaxQueuedRequests));
    }

    [Fact]
    public void WhatGoesWrongIsCountedByKind()
    {
        FastCgiServer server = Start(async (request, _) =>
        {
            if (request.Path.SequenceEqual("/refused"u8))
                throw new RequestRefusedException("no");
            if (request.Path.SequenceEqual("/failed"u8))
                throw new InvalidOperationException("oh");
            await Site.Forever(request.Aborted);
        });
        Read(Ask(Wire.Get("/refused")));
        Read(Ask(new Wire().Begin(1).Variables(1).EndStdin(1))); // no method
        Read(Ask(Wire.Get("/failed")));
        Ask(Wire.Get("/aborted")).Dispose();
        Read(Ask(Site.Bytes("GET / HTTP/1.1\r\n\r\n")));

        Assert.True(SpinWait.SpinUntil(() => server.Figures.AbortedRequests == 1 && server.Figures.ProtocolErrors == 1, Front.Deadline));
        ServerFigures figures = server.Figures;
        Assert.Equal((2, 1, 0, 0), (figures.RefusedRequests, figures.FailedRequests, figures.OverloadedRequests, figures.TimedOutRequests));
        Assert.Equal((4, 5), (figures.Requests, figures.AcceptedConnections));
    }

    [Fact]
    [Case(52)]
    public void TheConnectionLimitIsCountedWhenItMakesFrontsWait()
    {
        FastCgiServer server = Start(Site.SayPath, new ServerLimits { MaxConnections = 1 });
        Socket first = Ask(Wire.Get());
        Read(first);
        Socket second = Ask(Wire.Get());
        Assert.True(SpinWait.SpinUntil(() => server.Figures.ConnectionLimitReached == 1, Front.Deadline));
        first.Dispose();
        Read(second);
        Assert.Equal((2, 1), (server.Figures.AcceptedConnections, server.Figures.MaxOpenConnections));
    }

    [Fact]
    public void BytesAreThoseOnTheWireOverAllConnections()
    {
        byte[] request = Wire.Get("/hello");
        FastCgiServer server = Start(Site.SayPath);
        long answered = 0;
        for (int i = 0; i < 3; i++)
        {
            using Socket front = Ask(request);
            answered += Receive(front);
        }
        Assert.True(SpinWait.SpinUntil(() => server.Figures.OpenConnections == 0, Front.Deadline));
        Assert.Equal((3 * request.Length, answered), (server.Figures.BytesReceived, server.Figures.BytesSent));
    }

    private static (int, RequestStage, string, string, long?) Told(RequestFigures request) =>
        (request.Id, request.Stage, request.Method, request.Uri, request.ContentLength);

    private FastCgiServer Start(Handling handle, ServerLimits? limits = null, bool mayBlock = false)
    {
        ListenSocket listen = ListenSocket.BindUnix(Path.Combine(_folder, "s"), UnixFileMode.UserRead | UnixFileMode.UserWrite, 16);
        FastCgiServer server = new(new Site(handle, mayBlock), limits);
        _running = Task.Factory.StartNew(() => server.Run(listen), TaskCreationOptions.LongRunning);
        _server = server;
        return server;
    }

    private Socket Ask(byte[] bytes)
    {
        var front = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = (int)Front.Deadline.TotalMilliseconds };
        _fronts.Add(front);
        front.Connect(new UnixDomainSocketEndPoint(Path.Combine(_folder, "s")));
        front.Send(bytes);
        return front;
    }

    private static void Read(Socket front) => Receive(front);

    /// <summary>Until the end of a request, or of the connection.</summary>
    private static int Receive(Socket front)
    {
        var transcript = new Transcript();
        byte[] buffer = new byte[64 * 1024];
        int all = 0;
        int received;
        while (transcript.Ended.Count == 0 && (received = front.Receive(buffer)) > 0)
        {
            transcript.Feed(buffer.AsMemory(0, received).ToArray());
            all += received;
        }
        return all;
    }
}
