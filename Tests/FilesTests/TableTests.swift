import Foundation
import Records
import TestSupport
import Testing

@testable import Files

@Suite struct TableTests {
    private func problems(_ text: String) throws -> [String] {
        let error = try #require(throws: StorageError.self) { try Table(text: text, path: "t.csv") }
        guard case .table("t.csv", let problems) = error else {
            Issue.record("\(error)")
            return []
        }
        return problems
    }

    private func cells(_ text: String) throws -> [[String]] {
        let table = try Table(text: text, path: "t.csv")
        return table.rows.map { row in table.columns.map { row[$0] } }
    }

    @Test(arguments: [
        "slide_id,label\na,1\nb,2\n", "slide_id,label\na,1\nb,2", "slide_id,label\r\na,1\r\nb,2\r\n",
        "slide_id;label\na;1\nb;2\n", "slide_id\tlabel\na\t1\nb\t2\n", "\"slide_id\",\"label\"\n\"a\",\"1\"\nb,\"2\"",
        " slide_id , label \n a ,1 \nb, 2\n", "slide_id,label\ra,1\rb,2\r",
    ])
    func theUsualWaysToWriteATableAreRead(text: String) throws {
        let table = try Table(text: text, path: "t.csv")
        #expect(table.columns == ["slide_id", "label"])
        #expect(try cells(text) == [["a", "1"], ["b", "2"]])
        #expect(table.rows.map(\.line) == [2, 3])
    }

    @Test func aByteOrderMarkBelongsToNoColumn() throws {
        let scratch = try Scratch()
        try Data([0xEF, 0xBB, 0xBF] + "slide_id,label\r\nä,1\r\n".utf8).write(to: scratch.file("t.csv"))
        let table = try Table(contentsOf: scratch.file("t.csv"))
        #expect(table.columns == ["slide_id", "label"])
        #expect(table.rows.first?["slide_id"] == "ä")
    }

    @Test func quotedCellsMayHoldDelimitersQuotesAndLineBreaks() throws {
        let text = "a,b\n\"x, y; z\",\"he said \"\"no\"\"\"\n\"two\nlines\",2\nlast,3\n"
        #expect(try cells(text) == [["x, y; z", "he said \"no\""], ["two\nlines", "2"], ["last", "3"]])
        #expect(try Table(text: text, path: "t.csv").rows.map(\.line) == [2, 3, 5])
    }

    @Test func blankLinesAreLeftOutButCounted() throws {
        let table = try Table(text: "a,b\n\n1,2\n , \n\n,\n3,4\n\n", path: "t.csv")
        #expect(table.rows.map(\.line) == [3, 7])
        #expect(table.rows.map { $0["b"] } == ["2", "4"])
    }

    @Test func emptyCellsAreKeptAtEveryPlace() throws {
        #expect(
            try cells("a,b,c\n,2,3\n1,,3\n1,2,\n1,2,") == [
                ["", "2", "3"], ["1", "", "3"], ["1", "2", ""], ["1", "2", ""],
            ]
        )
    }

    @Test func aLineWithMoreOrFewerCellsThanColumnsIsAProblem() throws {
        #expect(
            try problems("a,b,c\n1,2,3\n1,2\n\n1,2,3,4\n1,2,3,\n")
                == [
                    "line 3: 2 cells, but 3 columns", "line 5: 4 cells, but 3 columns",
                    "line 6: 4 cells, but 3 columns",
                ]
        )
        // No other line is longer, so nothing fills this one up.
        #expect(try problems("a,b\n1") == ["line 2: 1 cells, but 2 columns"])
    }

    @Test func aRepeatedColumnIsNamed() throws {
        #expect(try problems("a,label,b,label\n1,2,3,4\n") == ["line 1: column 'label' occurs twice"])
        #expect(try problems("a,,\n1,2,3\n") == ["line 1: column '' occurs twice"])
    }

    @Test(arguments: ["", "\n\n", " ,\n"])
    func aTableWithoutTextIsEmpty(text: String) throws {
        #expect(try problems(text) == ["the table is empty"])
    }

    @Test func theHeaderIsTheFirstLine() throws {
        #expect(try problems("\na,b\n1,2\n") == ["line 1: the names of the columns are missing"])
        let table = try Table(text: "a,b\n", path: "t.csv")
        #expect(table.columns == ["a", "b"])
        #expect(table.rows.isEmpty)
    }

    @Test func wrongQuotationMarksAreAProblemOfTheirLine() throws {
        #expect(try problems("a,b\n1,2\n\"x\"y,3\n").first?.hasPrefix("line 3: quotation marks") == true)
        #expect(try problems("a,b\n1,2\n3,\"four\n5,6\n") == ["line 3: a quotation mark is never closed"])
    }

    @Test func textThatIsNotUTF8IsRefused() throws {
        let scratch = try Scratch()
        try Data([0x61, 0x2C, 0xE4, 0x0A]).write(to: scratch.file("t.csv"))
        let error = try #require(throws: StorageError.self) { try Table(contentsOf: scratch.file("t.csv")) }
        #expect(error.message.hasPrefix("not UTF-8 text: byte 0xE4 in line 1, as Windows-1252 or Latin-1 have it; "))
        #expect(error.code.exitStatus == .usage)
    }

    @Test func aMissingTableIsAWrongPath() throws {
        let url = try Scratch().file("t.csv")
        let error = try #require(throws: StorageError.self) { try Table(contentsOf: url) }
        #expect(error == .system(path: url.path, call: "open", errno: ENOENT))
    }

    @Test func missingColumnsAreNamedBesideTheFoundOnes() throws {
        let table = try Table(text: "slide,label\n", path: "t.csv")
        try table.require(columns: ["label", "slide"])
        let error = try #require(throws: StorageError.self) {
            try table.require(columns: ["slide_id", "label", "case_id"])
        }
        #expect(
            error.description == "error[E_TABLE] t.csv: line 1: missing column slide_id, case_id; found slide, label"
        )
    }

    @Test func writtenCellsAreQuotedOnlyWhereNeeded() {
        let text = Table.text(
            header: ["a", "b,c"],
            rows: [["plain", "with \"quotes\""], ["semi;colon", "tab\there"], ["two\nlines", "two\r\nlines"]]
        )
        #expect(
            text
                == "a,\"b,c\"\nplain,\"with \"\"quotes\"\"\"\n\"semi;colon\",\"tab\there\"\n\"two\nlines\",\"two\r\nlines\"\n"
        )
    }

    @Test func aCellThatASpreadsheetWouldRunIsDefused() {
        func written(_ cell: String) -> String { Table.text(header: ["a"], rows: [[cell]]).dropFirst(2).description }
        #expect(written("=HYPERLINK(1)") == "'=HYPERLINK(1)\n")
        #expect(written("@SUM(1,2)") == "\"'@SUM(1,2)\"\n")
        #expect(written("+cmd|x") == "'+cmd|x\n")
        #expect(written("-2+3") == "'-2+3\n")
        #expect(written("\t=1") == "\"'\t=1\"\n")
        #expect(written("=\u{301}1") == "'=\u{301}1\n")
        #expect(written("-2.5e-3") == "-2.5e-3\n")
        #expect(written("+7") == "+7\n")
        #expect(written("a=b") == "a=b\n")
    }

    @Test func aWrittenTableIsReadBack() throws {
        let rows = [["x, y", "1\n2"], ["ä \"b\"", ""], ["", "end"]]
        #expect(try cells(Table.text(header: ["one", "two"], rows: rows)) == rows)
    }
}
