import Files
import Records
import TestSupport
import Testing

/// What is written as a table is read again, whatever stands in it.
@Suite struct TableRoundTripTests {
    /// What a spreadsheet would run gets a quote mark before it; the rest comes back as it was.
    private func guarded(_ text: String) -> String {
        let runs = text.first.map { "=+-@".contains($0) } ?? false
        return runs && Double(text) == nil ? "'\(text)" : text
    }

    @Test(arguments: seeds(50)) func cellsComeBackAsTheyWereWritten(seed: UInt64) throws {
        var random = CounterRandom(seed: seed, "table")
        let columns = (0..<2 + random.index(below: 5)).map { "column \($0)" }
        let rows = (0..<random.index(below: 8)).map { row in
            ["row \(row)"] + columns.dropFirst().map { _ in random.index(below: 6) == 0 ? "" : random.text() }
        }
        let table = try Table(text: Table.text(header: columns, rows: rows), path: "t.csv")
        #expect(table.columns == columns)
        #expect(table.rows.map { row in columns.map { row[$0] } } == rows.map { $0.map(guarded) })
    }

    @Test(arguments: seeds(20)) func numbersAreNoFormulas(seed: UInt64) throws {
        var random = CounterRandom(seed: seed, "numbers")
        let values = (0..<10).map { _ in Double(random.float()) }
        let text = Table.text(header: ["id", "value"], rows: values.enumerated().map { ["\($0)", "\($1)"] })
        let table = try Table(text: text, path: "t.csv")
        #expect(table.rows.map { Double($0["value"]) } == values)
    }
}
