using System;
using System.Collections.Generic;
using System.Linq;

namespace FastCgi.Tests.Fuzzing;

/// <summary>One thing that happens to a connection of a session.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Line">To which of the session's connections.</param>
/// <param name="Number">A window, a number of bytes or of milliseconds, a <see cref="RoundEnd"/>.</param>
/// <param name="Bytes">What is sent.</param>
/// <param name="Expected">For the end of an orderly round: what must have been answered, in the order of each id's requests.</param>
internal sealed record Step(StepKind Kind, int Line, int Number = 0, ReadOnlyMemory<byte> Bytes = default, IReadOnlyList<(ushort Id, byte[] Body)>? Expected = null)
{
    public override string ToString() => Kind switch
    {
        StepKind.Send => $"{Line} {Kind} {Convert.ToHexString(Bytes.Span)}",
        StepKind.EndRound => $"{Kind} {(RoundEnd)Number}" + (Expected is null ? "" : $", answers to {string.Join(", ", Expected.Select(e => e.Id))}"),
        _ => $"{Line} {Kind} {Number}",
    };
}

internal enum StepKind
{
    /// <summary>Bytes arrive.</summary>
    Send,

    /// <summary>The front lets only so many bytes wait, and does not read.</summary>
    Window,

    /// <summary>A front that does not read takes some bytes after all.</summary>
    ReadSome,

    /// <summary>The front reads everything at once again.</summary>
    ReadAll,

    /// <summary>The server looks at the time, so many milliseconds from now.</summary>
    Sweep,

    /// <summary>The front has sent all it will.</summary>
    HalfClose,

    /// <summary>The front closes.</summary>
    Close,

    /// <summary>The server is told to stop.</summary>
    Drain,

    /// <summary>The server cuts the connection off, as at a second signal.</summary>
    CutOff,

    /// <summary>A handler that heeds nothing else goes on.</summary>
    Release,

    /// <summary>The connections end, and others begin on the same objects.</summary>
    EndRound,
}

/// <summary>How a round comes to its end.</summary>
internal enum RoundEnd
{
    /// <summary>Every request begun is aborted, and then has had its END_REQUEST, unless the connection has closed.</summary>
    AbortAll,

    /// <summary>Time passes until the server closes by itself.</summary>
    Wait,

    /// <summary>The front finishes sending, and the server closes by itself.</summary>
    HalfClose,

    /// <summary>The front closes.</summary>
    Close,

    /// <summary>Nothing is aborted: all is answered.</summary>
    AllAnswered,

    /// <summary>All is answered, and since the last request begun did not ask to keep the connection, the server closes by itself.</summary>
    AllAnsweredAndClosed,
}
