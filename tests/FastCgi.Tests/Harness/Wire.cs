using System;
using System.Collections.Generic;
using System.Text;
using FastCgi.Protocol;

namespace FastCgi.Tests.Harness;

/// <summary>Composes what a front sends, record by record, also what none should send.</summary>
internal sealed class Wire
{
    private readonly List<byte> _bytes = [];

    /// <summary>Padding behind every record from here on.</summary>
    public byte Padding { get; init; }

    public byte[] ToArray() => [.. _bytes];

    public static implicit operator byte[](Wire wire) => wire.ToArray();

    /// <summary>A whole request as lighttpd sends it.</summary>
    public static Wire Get(string path = "/", ushort id = 1, bool keep = true, string method = "GET", byte padding = 0) =>
        new Wire { Padding = padding }.Begin(id, keep).Variables(id, ("REQUEST_METHOD", method), ("SCRIPT_NAME", path)).EndStdin(id);

    /// <summary>A whole request with a body and its right CONTENT_LENGTH.</summary>
    public static Wire Post(string body, string path = "/", ushort id = 1, bool keep = true) =>
        OpenPost(body.Length, path, id, keep).Stdin(id, body).EndStdin(id);

    /// <summary>A request whose body is still to come.</summary>
    public static Wire OpenPost(long? length = null, string path = "/", ushort id = 1, bool keep = true)
    {
        List<(string, string)> variables = [("REQUEST_METHOD", "POST"), ("SCRIPT_NAME", path)];
        if (length is not null)
            variables.Add(("CONTENT_LENGTH", $"{length}"));
        return new Wire().Begin(id, keep).Variables(id, [.. variables]);
    }

    public Wire Begin(ushort id, bool keep = true, ushort role = 1)
    {
        byte[] body = new byte[BeginRequestBody.Length];
        new BeginRequestBody((Role)role, keep ? RequestFlags.KeepConnection : RequestFlags.None).Write(body);
        return Record(RecordType.BeginRequest, id, body);
    }

    /// <summary>PARAMS in one record, and their end.</summary>
    public Wire Variables(ushort id, params (string Name, string Value)[] variables)
    {
        byte[] pairs = Pairs(variables);
        if (pairs.Length > 0)
            Record(RecordType.Params, id, pairs);
        return Record(RecordType.Params, id, []);
    }

    public Wire Stdin(ushort id, string content) => Record(RecordType.Stdin, id, Encoding.Latin1.GetBytes(content));

    public Wire EndStdin(ushort id) => Record(RecordType.Stdin, id, []);

    public Wire Abort(ushort id) => Record(RecordType.AbortRequest, id, []);

    public Wire GetValues(params string[] names) =>
        Record(RecordType.GetValues, 0, Pairs(Array.ConvertAll(names, name => (name, ""))));

    public Wire Record(RecordType type, ushort id, ReadOnlySpan<byte> content) => Record((byte)type, id, content, Padding);

    public Wire Record(byte type, ushort id, ReadOnlySpan<byte> content, byte padding)
    {
        byte[] header = new byte[RecordHeader.Length];
        new RecordHeader((RecordType)type, id, (ushort)content.Length, padding).Write(header);
        header[7] = 0xEE; // reserved: whatever stands there is ignored
        _bytes.AddRange(header);
        _bytes.AddRange(content);
        for (int i = 0; i < padding; i++)
            _bytes.Add(0xAA);
        return this;
    }

    public Wire Then(byte[] more)
    {
        _bytes.AddRange(more);
        return this;
    }

    /// <summary>Name-value pairs; one character up to U+00FF is one byte.</summary>
    public static byte[] Pairs(params (string Name, string Value)[] variables)
    {
        List<byte> all = [];
        foreach ((string name, string value) in variables)
        {
            byte[] n = Encoding.Latin1.GetBytes(name), v = Encoding.Latin1.GetBytes(value);
            byte[] pair = new byte[NameValueWriter.LengthOf(n, v)];
            Xunit.Assert.True(new NameValueWriter(pair).TryWrite(n, v));
            all.AddRange(pair);
        }
        return [.. all];
    }
}
