using System;
using System.Net;
using System.Net.Sockets;

namespace Integration.Tests.Fixture;

/// <summary>Ports of 127.0.0.1 below those the kernel hands out to clients, so that none of them takes one before a server does.</summary>
public static class FreePort
{
    public static int Next()
    {
        while (true)
        {
            int port = Random.Shared.Next(20000, 32000);
            using var probe = new TcpListener(IPAddress.Loopback, port);
            try
            {
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: another one.
            }
        }
    }
}
