using System;
using System.Buffers;
using System.IO;
using System.Net.Sockets;
using System.Threading.Tasks;
using FastCgi;
using FastCgi.Protocol;

namespace Benchmarks;

/// <summary>
/// Bytes of managed memory a warm keep-conn request allocates, by the runtime's own counter: the server runs inside this
/// process, the client below allocates nothing. The same code as in the native binary, here compiled at run time.
/// </summary>
internal static class Allocations
{
    private const int Warming = 20_000; // tiered compilation and pools have settled
    private const int Counted = 100_000;

    // What the runtime allocates by itself in that time (a timer, a tiering step); a request that allocated would cost 100 times it.
    private const int RuntimeBytes = 64 * 1024;

    public static void Run(Bench bench)
    {
        string path = Path.Combine("artifacts", "bench", "allocations.sock");
        using ListenSocket listen = ListenSocket.BindUnix(path, UnixFileMode.UserRead | UnixFileMode.UserWrite, backlog: 16);
        using var server = new FastCgiServer(new OneRoute());
        Task serving = Task.Factory.StartNew(() => server.Run(listen), TaskCreationOptions.LongRunning);

        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(path));
        byte[] request = KeptRequest();
        byte[] reply = new byte[1024];
        Ask(client, request, reply, Warming);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Ask(client, request, reply, Counted);
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        server.Stop();
        serving.Wait();

        double each = Math.Max(0, allocated - RuntimeBytes) / (double)Counted;
        bench.Note($"{Figures.Whole(Counted)} requests on one kept connection allocated {Figures.Whole(allocated)} bytes in all.");
        bench.Print([Target.Most("managed bytes per warm keep-conn request", 0, each)]);
        if (each > 0)
            bench.Fail($"a warm keep-conn request allocates {Figures.Hundredths(each)} bytes");
    }

    private static void Ask(Socket client, byte[] request, byte[] reply, int times)
    {
        for (int i = 0; i < times; i++)
        {
            client.Send(request);
            if (client.Receive(reply) < RecordHeader.Length)
                throw new BenchException("the server closed a connection it was to keep");
        }
    }

    private static byte[] KeptRequest()
    {
        byte[] parameters = new byte[256];
        var pairs = new NameValueWriter(parameters);
        pairs.TryWrite("REQUEST_METHOD"u8, "GET"u8);
        pairs.TryWrite("SCRIPT_NAME"u8, "/api/health"u8);
        pairs.TryWrite("SERVER_PROTOCOL"u8, "HTTP/1.1"u8);

        byte[] bytes = new byte[512];
        var records = new RecordWriter(bytes);
        records.WriteBeginRequest(1, new BeginRequestBody(Role.Responder, RequestFlags.KeepConnection));
        records.WriteRecord(RecordType.Params, 1, parameters.AsSpan(0, pairs.Written));
        records.WriteEndOfStream(RecordType.Params, 1);
        records.WriteEndOfStream(RecordType.Stdin, 1);
        return bytes[..records.Written];
    }

    private sealed class OneRoute : IRequestRouter, IRequestHandler
    {
        public Route Resolve(FastCgiRequest request) => new(this);

        public ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
        {
            response.AddHeader("Content-Type"u8, "application/json"u8);
            response.ContentLength = 15;
            response.Body.Write("{\"status\":\"ok\"}"u8);
            return default;
        }
    }
}
