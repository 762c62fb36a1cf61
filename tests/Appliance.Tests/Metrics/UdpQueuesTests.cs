using System;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Appliance.Metrics;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Metrics;

/// <summary>With this machine's sockets; what the files say is read in NetworkCollectorTests.</summary>
public class UdpQueuesTests
{
    [Fact]
    public void WhatWaitsInASocketIsCountedAndASocketThatIsGoneIsNot()
    {
        SourceFiles files = new(new StatusRoots());
        Scrape scrape = new([new("udp_queues", new UdpQueuesCollector(files))], TimeSpan.FromMinutes(1), log: null);
        try
        {
            double before = Received(scrape);
            using (Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp))
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                socket.SendTo(new byte[1000], socket.LocalEndPoint!);
                Assert.InRange(Received(scrape), before + 1000, before + 100_000); // the kernel counts its own bytes too
            }
            Assert.Equal(before, Received(scrape));
        }
        finally
        {
            files.Close();
        }
    }

    private static double Received(Scrape scrape)
    {
        ExpositionWriter writer = scrape.Run(new ExpositionWriter(), ExpositionFormat.PrometheusText, default);
        return Exposition.Parse(Encoding.UTF8.GetString(writer.Written.Span)).Samples["node_udp_queues{ip=\"v4\",queue=\"rx\"}"];
    }
}
