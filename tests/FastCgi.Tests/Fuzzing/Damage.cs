using System;
using System.Buffers.Binary;
using FastCgi.Protocol;

namespace FastCgi.Tests.Fuzzing;

/// <summary>Damages a conversation the way bugs and attackers do.</summary>
internal static class Damage
{
    private static readonly byte[][] OtherProtocols =
    [
        [.. "GET /api/health HTTP/1.1\r\nHost: router\r\n\r\n"u8],
        [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8],
        [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3],
        [.. "15:CONTENT_LENGTH\x00"u8, .. "0\x00SCGI\x00"u8, .. "1\x00,"u8],
    ];

    /// <summary>Does something to the records, which stay records unless their headers are hit.</summary>
    public static void Records(Draft draft, Dice dice)
    {
        if (draft.Records.Count == 0)
            return;
        int at = dice.Next(draft.Records.Count), other = dice.Next(draft.Records.Count);
        switch (dice.Next(12))
        {
            case 0:
                draft.Records.RemoveAt(at);
                break;
            case 1:
                draft.Records.Insert(other, draft.Records[at]);
                break;
            case 2:
                (draft.Records[at], draft.Records[other]) = (draft.Records[other], draft.Records[at]);
                break;
            case 3:
                draft.Own(at)[2..4].Clear(); // a management record
                break;
            case 4:
                ushort id = IdOf(draft, at), otherId = IdOf(draft, other);
                BinaryPrimitives.WriteUInt16BigEndian(draft.Own(at)[2..], otherId);
                BinaryPrimitives.WriteUInt16BigEndian(draft.Own(other)[2..], id);
                break;
            case 5:
                draft.Own(at)[1] = (byte)dice.Next(14);
                break;
            case 6:
                ShiftLength(draft.Own(at), dice);
                break;
            case 7:
                Span<byte> content = draft.Own(at)[RecordHeader.Length..];
                if (!content.IsEmpty)
                    content[dice.Next(content.Length)] ^= (byte)(1 << dice.Next(8));
                break;
            case 8:
                draft.Add((RecordType)dice.Of<byte>([2, 2, 5, 9, 0, 12]), dice.Of<ushort>([0, 1, 1, 2, 65535]), [], dice.Chance(2) ? 0 : dice.Next(256));
                draft.Records.Insert(at, draft.Records[^1]);
                draft.Records.RemoveAt(draft.Records.Count - 1);
                break;
            default:
                draft.Own(at)[dice.Next(RecordHeader.Length)] = (byte)(dice.Chance(2) ? dice.Next(12) : dice.Next(256));
                break;
        }
    }

    /// <summary>Does something to the bytes, wherever records begin and end.</summary>
    public static byte[] Bytes(byte[] bytes, Dice dice)
    {
        int at = dice.Next(bytes.Length + 1);
        switch (dice.Next(8))
        {
            case 0:
                return bytes[..at];
            case 1:
                return bytes[at..];
            case 2:
                byte[] noise = new byte[dice.Next(40)];
                dice.Fill(noise);
                return [.. bytes.AsSpan(0, at), .. noise, .. bytes.AsSpan(at)];
            case 3:
                return [.. bytes.AsSpan(0, dice.Chance(2) ? 0 : at), .. dice.Of<byte[]>(OtherProtocols)];
            case 4:
                int from = dice.Next(at + 1);
                return [.. bytes.AsSpan(0, at), .. bytes.AsSpan(from)]; // a part comes twice
            case 5:
                int to = dice.Next(at, bytes.Length + 1);
                return [.. bytes.AsSpan(0, at), .. bytes.AsSpan(to)];
            default:
                for (int flips = dice.Next(1, 9); flips > 0 && bytes.Length > 0; flips--)
                    bytes[dice.Next(bytes.Length)] ^= (byte)(1 << dice.Next(8));
                return bytes;
        }
    }

    /// <summary>A record's length a little more or less than it is.</summary>
    private static void ShiftLength(Span<byte> record, Dice dice)
    {
        int field = dice.Chance(3) ? 6 : 5;
        record[field] = (byte)(record[field] + dice.Next(-9, 10));
    }

    private static ushort IdOf(Draft draft, int index) => BinaryPrimitives.ReadUInt16BigEndian(draft.Own(index)[2..]);
}
