using System;
using System.Collections.Generic;
using System.IO;

namespace Benchmarks;

/// <summary>
/// A server under test: started without arguments, its listening socket on fd 0. OneConnectionAtATime marks one that serves
/// a kept connection until it ends before it accepts the next: of several kept connections all but the first starve.
/// </summary>
internal sealed record Contender(string Name, string Program, bool OneConnectionAtATime = false)
{
    public const string Ours = "appliance";
    public const string Limit = "limit";
    public const string LibFcgi = "libfcgi";
    public const string Go = "gofcgi";

    /// <summary>An environment with nothing in it for the server: what it does by itself.</summary>
    public static readonly IReadOnlyDictionary<string, string> NoSettings = new Dictionary<string, string>();

    /// <summary>Our engine with routes for what the product has none: tests/Responder. Takes no part where it was not asked for.</summary>
    public static Contender Responder { get; } = new("responder", Path.GetFullPath("artifacts/linux-x64/responder"));

    /// <summary>Who takes part, in the order of measuring.</summary>
    public static List<Contender> Line(string binary)
    {
        var line = new List<Contender>();
        if (File.Exists(binary))
            line.Add(new Contender(Ours, Path.GetFullPath(binary)));
        else
            Console.Error.WriteLine($"bench: {binary} does not exist: measuring the peers alone (scripts/build makes it)");

        line.Add(new Contender(Limit, Path.GetFullPath(Tools.Path(Limit))));
        line.Add(new Contender(LibFcgi, Path.GetFullPath(Tools.Path(LibFcgi)), OneConnectionAtATime: true));
        line.Add(new Contender(Go, Path.GetFullPath(Tools.Path(Go))));
        return line;
    }
}
