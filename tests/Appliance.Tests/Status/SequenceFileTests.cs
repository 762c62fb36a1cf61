using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Appliance.Metrics;
using Appliance.Status;
using Xunit;

namespace Appliance.Tests.Status;

/// <summary>That the end of the kernel's texts is known without asking for more, checked with this machine's.</summary>
public class SequenceFileTests
{
    [Theory]
    [InlineData(0, 100, true)]
    [InlineData(2048, 16384, true)]
    [InlineData(2049, 16384, false)] // a record of 2047 and its NUL may not have fitted
    [InlineData(100, 100, false)]
    public void AShortReadIsTheLast(int read, int room, bool isLast) => Assert.Equal(isLast, SequenceFile.IsAtEnd(read, room));

    [Fact]
    public void ALongTableIsReadWhole()
    {
        List<Socket> sockets = [];
        try
        {
            for (int i = 0; i < 300; i++) // lines of 128 bytes: ten pages
            {
                sockets.Add(new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
                sockets[i].Bind(new IPEndPoint(IPAddress.Loopback, 0));
            }
            using SourceFile file = new SourceFiles(new StatusRoots()).InProc("net/udp", hasShortRecords: true);
            for (int round = 0; round < 2; round++) // opened, and read again
            {
                HashSet<string> found = [];
                using (ListReader lines = file.ReadLines())
                {
                    while (lines.TryRead(out ReadOnlySpan<byte> line))
                        found.Add(Encoding.ASCII.GetString(line).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
                    Assert.Null(lines.Fault);
                }
                Assert.True(file.TryRead(out ReadOnlySpan<byte> text));
                string whole = Encoding.ASCII.GetString(text);
                foreach (Socket socket in sockets)
                {
                    string address = $"0100007F:{((IPEndPoint)socket.LocalEndPoint!).Port:X4}";
                    if (!BitConverter.IsLittleEndian)
                        address = "7F000001" + address[8..];
                    Assert.Contains(address, found);
                    Assert.Contains(address, whole, StringComparison.Ordinal);
                }
            }
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    /// <summary>Of those that this kernel has: one without IPv6 lacks some.</summary>
    public static TheoryData<string> Texts { get; } =
        [.. new[] { "vmstat", "meminfo", "net/netstat", "net/snmp", "net/snmp6", "net/sockstat", "stat" }.Where(path => File.Exists($"/proc/{path}"))];

    [Theory]
    [MemberData(nameof(Texts))]
    public void ATextHasAllItsLines(string path)
    {
        using SourceFile file = new SourceFiles(new StatusRoots()).InProc(path, hasShortRecords: true);
        Assert.True(file.TryRead(out ReadOnlySpan<byte> text));
        Assert.Equal(File.ReadLines($"/proc/{path}").Select(Name), Encoding.ASCII.GetString(text).TrimEnd('\n').Split('\n').Select(Name));

        static string Name(string line) => line.Split(' ')[0];
    }
}
