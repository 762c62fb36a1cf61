using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Benchmarks;

/// <summary>A markdown table that also reads well in a terminal: columns padded, everything but the first to the right.</summary>
internal sealed class Table(params string[] heads)
{
    private readonly List<string[]> _rows = [];

    public void Row(params string[] cells) => _rows.Add(cells);

    public override string ToString()
    {
        int[] widths = [.. heads.Select((head, column) => Math.Max(3, _rows.Append(heads).Max(row => row[column].Length)))];
        var text = new StringBuilder();
        Append(text, heads, widths);
        text.Append('|');
        for (int column = 0; column < heads.Length; column++)
            text.Append(' ').Append('-', widths[column] - 1).Append(column == 0 ? "- |" : ": |");
        text.AppendLine();
        foreach (string[] row in _rows)
            Append(text, row, widths);
        return text.ToString().TrimEnd();
    }

    private static void Append(StringBuilder text, string[] cells, int[] widths)
    {
        text.Append('|');
        for (int column = 0; column < cells.Length; column++)
        {
            string cell = column == 0 ? cells[column].PadRight(widths[column]) : cells[column].PadLeft(widths[column]);
            text.Append(' ').Append(cell).Append(" |");
        }

        text.AppendLine();
    }
}
