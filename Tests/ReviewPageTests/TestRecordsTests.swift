import Foundation
import Records
import Testing

@testable import Files
@testable import ReviewPage

@Suite struct TestRecordsTests {
    @Test func aClassThatLooksLikeAFormulaKeepsItsName() throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "wsi-folds-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        let layout = JobLayout(root: root)
        let slides = try ["S1", "S2"].map { try SlideID($0) }
        let text = Table.text(
            header: ["slide_id", "part", "label", "prob_-ve", "prob_+ve"],
            rows: [["S1", "test", "+ve", "0.25", "0.75"], ["S2", "test", "-ve", "0.75", "0.25"]]
        )
        #expect(text.contains("'+ve"))
        try AtomicFile.write(text, to: layout.training.appending(path: "m/fold_0/predictions.csv"))
        let tests = try TestRecords(model: "m", in: layout)
        #expect(slides.map { tests.labels[$0] } == ["+ve", "-ve"])
    }
}
