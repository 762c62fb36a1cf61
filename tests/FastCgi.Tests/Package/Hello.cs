using System.IO;
using System.Threading.Tasks;
using FastCgi;

internal sealed class Hello : IRequestRouter, IRequestHandler
{
    public static void Serve(string path)
    {
        using ListenSocket listen = ListenSocket.BindUnix(path, UnixFileMode.UserRead | UnixFileMode.UserWrite, backlog: 128);
        using var server = new FastCgiServer(new Hello());
        server.Run(listen);
    }

    public Route Resolve(FastCgiRequest request) => new(this);

    public async ValueTask HandleAsync(FastCgiRequest request, FastCgiResponse response)
    {
        response.AddHeader("Content-Type"u8, "text/plain"u8);
        await response.Body.WriteAsync("Hello\n"u8.ToArray());
    }
}
