import Foundation
import Records
import Storage
import Testing

@testable import Files
@testable import ReviewPage

/// Who is to read which slides.
@Suite struct AssignmentTests {
    private static let slides: [(name: String, caseID: String?)] = [
        ("S1", "P1"), ("S2", "P1"), ("S3.a", "P2"), ("S4", nil),
    ]

    private func slides() throws -> [(id: SlideID, caseID: String?)] {
        try Self.slides.map { (id: try SlideID($0.name), caseID: $0.caseID) }
    }

    private func assignment(_ text: String, _ own: [(id: SlideID, caseID: String?)]? = nil) throws -> ReaderAssignment {
        let folder = FileManager.default.temporaryDirectory.appending(path: "wsi-readers-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let url = folder.appending(path: "readers.csv")
        try AtomicFile.write(text, to: url)
        return try ReaderAssignment(contentsOf: url, slides: own ?? slides())
    }

    /// Of each slide of the job, in its order.
    private func readers(_ assignment: ReaderAssignment) throws -> [[String]] {
        try slides().map { assignment.readers(of: $0.id, case: $0.caseID) }
    }

    @Test func slidesHaveTheReadersOfAllOfTheirLines() throws {
        let text = "slide_id,reader\nS1,Bob\nS1,Ann\nS2.svs, Cy ; Ann;\nS3.a.ndpi,Ann\nS4,Ann\nS4,Ann\n"
        let found = try assignment(text)
        #expect(found.readers == ["Ann", "Bob", "Cy"] && found.notes.isEmpty)
        #expect(try readers(found) == [["Ann", "Bob"], ["Ann", "Cy"], ["Ann"], ["Ann"]])
    }

    @Test func endingsOfSlideFilesAreNoMatterWhereOneSlideIsMeant() throws {
        let slides = try ["T1.svs", "T2.svs", "T2.tif", "T3.x"].map { (id: try SlideID($0), caseID: String?.none) }
        let table = "slide_id,reader\nT1,Ann\nT1.tif,Bob\nT2,Ann\nT2.tif,Bob\nT3,Ann\n"
        let found = try assignment(table, slides)
        #expect(slides.map { found.readers(of: $0.id, case: nil) } == [["Ann", "Bob"], [], ["Bob"], []])
        #expect(found.notes.first == "readers.csv: 2 of 5 lines match no slide: 'T2' (line 4), 'T3' (line 6)")
    }

    @Test func casesStandForTheirSlides() throws {
        let found = try assignment("case_id,reader\nP1,Ann\nP2,Bob;Ann\n")
        #expect(try readers(found) == [["Ann"], ["Ann"], ["Ann", "Bob"], []])
        #expect(found.notes == ["readers.csv: 1 of 4 slides have no reader: 'S4'"])
        // Where a line names a slide, its case is not all meant.
        let both = try assignment("case_id,slide_id,reader\nP1,S1,Ann\nP1,,Bob\nP2,,Bob\n,S4,Cy\n")
        #expect(try readers(both) == [["Ann", "Bob"], ["Bob"], ["Bob"], ["Cy"]])
    }

    @Test func linesThatMatchNothingAreSaidTogetherAndGiveNoReader() throws {
        let found = try assignment("reader;slide_id\nAnn;S1\n\"Bob;Cy\";S2\nDee;S3\nDee;s4.svs\nAnn;S4\nAnn;S3.a\n")
        #expect(found.readers == ["Ann", "Bob", "Cy"])
        #expect(found.notes == ["readers.csv: 2 of 6 lines match no slide: 'S3' (line 4), 's4.svs' (line 5)"])
        let many = try assignment("slide_id,reader\n" + (1...12).map { "X\($0),Ann\n" }.joined())
        #expect(many.readers.isEmpty && many.notes.count == 2)
        #expect(many.notes.first?.hasSuffix("'X10' (line 11) and 2 more") == true)
    }

    @Test(arguments: [
        ("slide,reader\nS1,Ann\n", "line 1: a column slide_id or case_id is wanted"),
        ("slide_id,name\nS1,Ann\n", "line 1: missing column reader; found slide_id, name"),
        ("slide_id,reader\nS1,Ann\nS2,\nS4, ; \n", "line 3: reader is empty; line 4: reader is empty"),
        ("slide_id,case_id,reader\n,,Ann\n", "line 2: slide_id and case_id empty"),
        ("slide_id,reader\n,Ann\n", "line 2: slide_id empty"),
        (
            "slide_id,reader\nS1,\(String(repeating: "x", count: 101))\n",
            "line 2: a reader's name of 1 to 100 characters is wanted"
        ),
    ])
    func aTableThatCannotBeMeantIsRefusedWithItsLines(text: String, message: String) throws {
        let error = #expect(throws: StorageError.self) { try assignment(text) }
        #expect(error?.message == message && error?.code.exitStatus == .usage)
        #expect(error?.subject?.hasSuffix("/readers.csv") == true)
    }
}
