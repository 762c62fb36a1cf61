using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.Text;
using FastCgi.Protocol;

namespace FastCgi.Tests.Harness;

/// <summary>What the server said about one request: its STDOUT, as it comes, and its END_REQUEST.</summary>
internal sealed class Reply
{
    private readonly ArrayBufferWriter<byte> _stdout = new();

    public required ushort Id { get; init; }

    public bool StdoutEnded { get; set; }

    /// <summary>STDERR, null before its end.</summary>
    public string? Errors { get; set; }

    /// <summary>STDERR so far.</summary>
    public string UnendedErrors { get; set; } = "";

    public EndRequestBody? End { get; set; }

    public long StdoutLength { get; private set; }

    /// <summary>The lengths of the STDOUT records.</summary>
    public List<int> Records { get; } = [];

    /// <summary>Off for answers too long to keep.</summary>
    public bool Keeps { get; set; } = true;

    public byte[] Stdout => _stdout.WrittenSpan.ToArray();

    /// <summary>The lines of the CGI header.</summary>
    public string[] HeaderLines => Encoding.Latin1.GetString(Stdout, 0, HeadLength).Split("\r\n")[..^2];

    public string Status => Header("Status") ?? "none";

    public byte[] Body => Stdout[HeadLength..];

    public string Text => Encoding.Latin1.GetString(Body);

    public uint ApplicationStatus => End!.Value.ApplicationStatus;

    public ProtocolStatus ProtocolStatus => End!.Value.ProtocolStatus;

    private int HeadLength
    {
        get
        {
            int end = Stdout.AsSpan().IndexOf("\r\n\r\n"u8);
            return end >= 0 ? end + 4 : throw new InvalidDataException($"no CGI header in \"{Encoding.Latin1.GetString(Stdout)}\"");
        }
    }

    public string? Header(string name)
    {
        foreach (string line in HeaderLines)
        {
            if (line.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase))
                return line[(name.Length + 2)..];
        }
        return null;
    }

    public void Add(ReadOnlySpan<byte> content)
    {
        Records.Add(content.Length);
        StdoutLength += content.Length;
        if (Keeps)
            _stdout.Write(content);
    }
}
