using System.Text;

namespace Appliance;

/// <summary>A media type that a route can send (RFC 9110 §8.3.1).</summary>
internal sealed class MediaType
{
    public static readonly MediaType Json = new("application", "json");

    /// <summary>Server-sent events, WHATWG HTML §9.2; always UTF-8.</summary>
    public static readonly MediaType EventStream = new("text", "event-stream");

    /// <summary>Prometheus text format.</summary>
    public static readonly MediaType PrometheusText = new("text", "plain", "0.0.4");

    public static readonly MediaType OpenMetrics = new("application", "openmetrics-text", "1.0.0");

    private readonly string _text;

    /// <param name="type">Its first part, such as <c>application</c>.</param>
    /// <param name="subtype">Its second part, such as <c>json</c>.</param>
    /// <param name="version">Its parameter of that name; without one, clients may ask for any.</param>
    private MediaType(string type, string subtype, string version = "")
    {
        Type = Encoding.ASCII.GetBytes(type);
        Subtype = Encoding.ASCII.GetBytes(subtype);
        Version = Encoding.ASCII.GetBytes(version);
        _text = version.Length == 0 ? $"{type}/{subtype}" : $"{type}/{subtype}; version={version}";
        string header = version.Length == 0 ? _text : $"{_text}; charset=utf-8";
        ContentType = Encoding.ASCII.GetBytes(header);
    }

    public byte[] Type { get; }

    public byte[] Subtype { get; }

    public byte[] Version { get; }

    /// <summary>The value of Content-Type.</summary>
    public byte[] ContentType { get; }

    public override string ToString() => _text;
}
