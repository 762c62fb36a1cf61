using System;
using System.Text;

namespace Appliance;

/// <summary>Whether a client's Accept field admits a media type (RFC 9110 §12.5.1).</summary>
/// <remarks>Deliberately not here: choosing between several types by their weights; each route has one.</remarks>
internal static class AcceptHeader
{
    /// <summary>True when a range of the field matches the type with a weight above 0; the most specific match decides.</summary>
    /// <param name="accept">The field's value; empty, as when it is missing, admits everything.</param>
    /// <param name="type">The first part of a media type, such as <c>application</c>.</param>
    /// <param name="subtype">Its second part, such as <c>json</c>.</param>
    public static bool Admits(ReadOnlySpan<byte> accept, ReadOnlySpan<byte> type, ReadOnlySpan<byte> subtype)
    {
        if (accept.Trim(" \t"u8).IsEmpty)
            return true;
        int best = 0;
        bool admitted = false;
        while (!accept.IsEmpty)
        {
            ReadOnlySpan<byte> item = NextPart(ref accept, (byte)',');
            int specificity = Specificity(NextPart(ref item, (byte)';'), type, subtype);
            if (specificity == 0 || specificity < best)
                continue;
            // Parameters are not compared, so two ranges may look equally specific: either may admit.
            admitted = !HasWeightZero(item) || (admitted && specificity == best);
            best = specificity;
        }
        return admitted;
    }

    /// <summary>0 for no match, 1 for <c>*/*</c>, 2 for <c>type/*</c>, 3 for the type itself.</summary>
    private static int Specificity(ReadOnlySpan<byte> range, ReadOnlySpan<byte> type, ReadOnlySpan<byte> subtype)
    {
        int slash = range.IndexOf((byte)'/');
        if (slash < 0)
            return 0;
        ReadOnlySpan<byte> left = range[..slash];
        ReadOnlySpan<byte> right = range[(slash + 1)..];
        if (right is [(byte)'*'])
            return left is [(byte)'*'] ? 1 : Ascii.EqualsIgnoreCase(left, type) ? 2 : 0;
        return Ascii.EqualsIgnoreCase(left, type) && Ascii.EqualsIgnoreCase(right, subtype) ? 3 : 0;
    }

    /// <summary>Whether the parameters behind a range say q=0, q=0.0 …: "not acceptable" (§12.4.2).</summary>
    private static bool HasWeightZero(ReadOnlySpan<byte> parameters)
    {
        while (!parameters.IsEmpty)
        {
            ReadOnlySpan<byte> parameter = NextPart(ref parameters, (byte)';');
            if (parameter is [(byte)'q' or (byte)'Q', (byte)'=', (byte)'0', ..])
                return parameter[3..].IndexOfAnyExcept((byte)'.', (byte)'0') < 0;
        }
        return false;
    }

    /// <summary>Takes what stands before the next separator outside quotes, without the blanks around it.</summary>
    private static ReadOnlySpan<byte> NextPart(ref ReadOnlySpan<byte> rest, byte separator)
    {
        int end = rest.IndexOfAny(separator, (byte)'"');
        if (end >= 0 && rest[end] != separator)
            end = EndOutsideQuotes(rest, separator, end);
        ReadOnlySpan<byte> part = (end < 0 ? rest : rest[..end]).Trim(" \t"u8);
        rest = end < 0 ? default : rest[(end + 1)..];
        return part;
    }

    /// <summary>Quoted strings may contain separators, and quotes behind a backslash (RFC 9110 §5.6.4).</summary>
    private static int EndOutsideQuotes(ReadOnlySpan<byte> text, byte separator, int firstQuote)
    {
        bool quoted = false;
        for (int i = firstQuote; i < text.Length; i++)
        {
            if (text[i] == '"')
                quoted = !quoted;
            else if (quoted && text[i] == '\\')
                i++;
            else if (!quoted && text[i] == separator)
                return i;
        }
        return -1;
    }
}
