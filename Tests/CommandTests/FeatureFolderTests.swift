import Foundation
import Records
import TestSupport
import Testing

@testable import Config
@testable import Files
@testable import Storage

/// `wsi train` and `wsi predict` on what other tools have left: 12 slides of 6 cases, separable by their first feature.
@Suite(.serialized) struct FeatureFolderTests {
    private let scratch: Scratch
    private let slides = (0..<12).map { "s\($0)" }

    init() throws { scratch = try Scratch() }

    /// Patches of a slide: 5 rows of 4, the first feature of one row tells the class.
    private func rows(_ index: Int) -> [Float] {
        (0..<20).map { place in
            let noise = Float((index * 31 + place * 17) % 13) / 13
            return place == 4 ? (label(index) == 1 ? 4 : -4) + noise : noise
        }
    }

    private func label(_ index: Int) -> Int { index / 2 % 2 }

    private func hdf5(_ path: String, _ fill: (HDF5File) throws -> Void) throws {
        let url = scratch[path]
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try HDF5File.make(at: url, fill)
    }

    private enum Tool: String, CaseIterable { case trident, clam, stamp, pt, safetensors }

    /// - Returns: what `features.path` says.
    private func write(_ tool: Tool) throws -> String {
        let corners = (0..<5).flatMap { [Int64($0 * 512), Int64(0)] }
        for (index, slide) in slides.enumerated() {
            switch tool {
            case .trident:
                try hdf5("features_uni_v1/\(slide).h5") { file in
                    let features = try file.create("features", .float32, shape: [5, 4])
                    try features.write(rows(index))
                    try features.object.set("encoder", .text("uni_v1"))
                    let coords = try file.create("coords", .int64, shape: [5, 2])
                    try coords.write(corners)
                    try coords.object.set("patch_size_level0", .number(512))
                }
            case .clam:
                try hdf5("h5_files/\(slide).h5") { file in
                    try file.create("features", .float32, shape: [5, 4]).write(rows(index))
                    try file.create("coords", .int64, shape: [5, 2]).write(corners)
                }
            case .stamp:
                try hdf5("stamp/\(slide).h5") { file in
                    try file.create("feats", .float32, shape: [5, 4]).write(rows(index))
                    try file.create("coords", .float64, shape: [5, 2]).write(corners.map { Double($0) / 2 })
                    try file.root.set("unit", .text("um"))
                    try file.root.set("stamp_version", .text("2.0"))
                    try file.root.set("extractor", .text("uni"))
                }
            case .pt:
                let url = scratch["pt_files/\(slide).pt"]
                try AtomicFile.write(try TorchArchive.data(rows(index), width: 4), to: url)
            case .safetensors: break
            }
        }
        switch tool {
        case .trident: return "features_uni_v1"
        case .clam: return "h5_files"
        case .stamp: return "stamp"
        case .pt: return "pt_files"
        case .safetensors:
            let tensors = slides.enumerated().map { index, slide in
                ("\(slide)/features", StoredTensor(shape: [5, 4], floats: rows(index)))
            }
            try SafeTensors(tensors: Dictionary(uniqueKeysWithValues: tensors)).write(to: scratch["bags.safetensors"])
            return "bags.safetensors"
        }
    }

    private func config(_ path: String, cohort: String = #""folds": 3"#, training: String = "") throws -> String {
        let rows = slides.enumerated().map { "p\($0.offset / 2),\($0.element),\(label($0.offset))\n" }
        _ = try scratch.write("case_id,slide_id,label\n" + rows.joined(), to: "labels.csv")
        let text = """
            {"name": "m", "cohort": {"labels": "labels.csv", \(cohort)}, "features": {"path": "\(path)"},
             "model": {"kind": "abmil", "hidden": 8, "attention_hidden": 4},
             "training": {"epochs": 3, "selection": "last"\(training)}, "evaluation": {"bootstrap": 100}}
            """
        return try scratch.write(text, to: "study.json").path
    }

    private func train(_ config: String, _ more: String...) throws -> Command {
        try Command.run(["train", "--config", config, "--out", scratch["job"].path] + more)
    }

    private func predictions(_ folder: String) throws -> [Table.Row] {
        try Table(contentsOf: scratch["job/training/\(folder)/predictions.csv"]).rows
    }

    @Test(arguments: [Tool.trident, .clam, .stamp, .pt, .safetensors])
    private func aTrainingRunsOnWhatAnotherToolHasLeft(_ tool: Tool) throws {
        let config = try config(write(tool))
        let checked = try Command.run("check", "--config", config)
        #expect(checked.exit == 0 && checked.output.contains("nothing is wrong"), "\(checked.errors)")
        let trained = try train(config)
        #expect(trained.exit == 0, "\(trained.errors)")
        #expect(try predictions("m/fold_0").count { $0["part"] == "test" } == 4)
        let predicted = try Command.run("predict", scratch["job"].path, "--model", "m")
        #expect(predicted.exit == 0, "\(predicted.errors)")
        for slide in slides {
            let file = try PredictionFile(contentsOf: scratch["job/predictions/m/\(slide).h5"])
            #expect(file.prediction.attention.count == 5)
            #expect(file.prediction.corners.count == ([.trident, .clam].contains(tool) ? 5 : 0))
            #expect(file.sideLevel0 == ([.trident, .clam].contains(tool) ? 512 : nil))
            let encoder = [
                .trident: "uni_v1", .clam: "h5_files", .stamp: "uni", .pt: "pt_files", .safetensors: "bags",
            ][tool]
            #expect(file.attributes["wsi_encoder"] == encoder)
        }
        let again = try train(config)
        #expect(again.exit == 0 && again.errors.contains("all already done"))
        let text = Scratch.tree(scratch["job"]).filter { !$0.key.hasPrefix("audit/") }.values
        #expect(!text.contains { $0.range(of: Data(scratch.folder.path.utf8)) != nil })
    }

    @Test func aChangedFeatureFileTrainsTheFoldsAgain() throws {
        let config = try config(write(.clam))
        #expect(try train(config).exit == 0)
        try hdf5("h5_files/s0.h5") { try $0.create("features", .float32, shape: [1, 4]).write([Float(1), 2, 3, 4]) }
        let refused = try train(config)
        #expect(refused.exit == 4 && refused.errors.contains("features changed"), "\(refused.errors)")
        #expect(try train(config, "--redo").exit == 0)
    }

    @Test func aCaseIsOneBag() throws {
        let config = try config(write(.trident), cohort: #""folds": 3, "unit": "case""#)
        let trained = try train(config)
        #expect(trained.exit == 0, "\(trained.errors)")
        let rows = try predictions("m/fold_0")
        #expect(rows.map { $0["case_id"] }.sorted() == ["p0", "p1", "p2", "p3", "p4", "p5"])
        #expect(rows.map { $0["slide_id"] } == rows.map { $0["case_id"] })
        let predicted = try Command.run("predict", scratch["job"].path, "--model", "m")
        #expect(predicted.exit == 0, "\(predicted.errors)")
        let pair = try ["s2", "s3"].map { try PredictionFile(contentsOf: scratch["job/predictions/m/\($0).h5"]) }
        #expect(pair[0].prediction.answer.ofClass?.probabilities == pair[1].prediction.answer.ofClass?.probabilities)
        #expect(abs(pair.reduce(0) { $0 + $1.prediction.attention.reduce(0, +) } - 1) < 1e-5)
        let row = try #require(
            (0..<3).lazy.compactMap { fold in
                try? predictions("m/fold_\(fold)").first { $0["part"] == "test" && $0["case_id"] == "p1" }
            }.first
        )
        #expect(Double(row["prob_1"]) == pair[0].prediction.answer.ofClass?.probabilities[1])
    }

    @Test func foldsAndSeedsGiveTheSameBytesHoweverManyRunAtOnce() throws {
        let config = try config(write(.safetensors), training: #", "seeds": [5, 2]"#)
        #expect(try train(config, "--workers", "1").exit == 0)
        func results() -> [String: Data] { Scratch.tree(scratch["job"]).filter { !$0.key.hasPrefix("audit/") } }
        let one = results()
        try FileManager.default.removeItem(at: scratch["job"])
        #expect(try train(config, "--workers", "4").exit == 0)
        #expect(results() == one)
        for seed in [5, 2] {
            for name in ["study.json", "metrics.json", "splits/splits_2.csv", "fold_2/checkpoint.json"] {
                #expect(one["training/m/seed_\(seed)/\(name)"] != nil)
            }
        }
        #expect(one["training/m/metrics.json"] != nil && one["training/m/report.html"] != nil)
        #expect(one["training/m/seed_5/splits/splits_1.csv"] == one["training/m/seed_2/splits/splits_1.csv"])
        #expect(
            one["training/m/seed_5/fold_1/checkpoint.safetensors"]
                != one["training/m/seed_2/fold_1/checkpoint.safetensors"]
        )
        let whole = try Command.run("predict", scratch["job"].path, "--model", "m")
        #expect(whole.exit == 0 && whole.errors.contains("the mean of 6 models"), "\(whole.errors)")
        #expect(whole.errors.contains("with the models of 2 seeds: 2, 5"), "\(whole.errors)")
        let verified = try Command.run("verify", scratch["job"].path)
        #expect(verified.exit == 0 && verified.output.contains("0 orphans"), "\(verified.output)")
        let judged = try Command.run("evaluate", scratch["job"].path, "--model", "m")
        #expect(judged.exit == 0 && judged.output.contains("by 2 seed(s): 2, 5"), "\(judged.output)\(judged.errors)")
        #expect(judged.output.contains("seed 2  seed 5  mean ± sd"), "\(judged.output)")
        #expect(try Command.run("predict", scratch["job"].path, "--model", "m/seed_2").exit == 0)
        #expect(FileManager.default.fileExists(atPath: scratch["job/predictions/m/seed_2/s0.h5"].path))
        #expect(try Command.run("evaluate", scratch["job"].path, "--model", "m/seed_5").exit == 0)
        // One seed of the same name would stand among several.
        let single = try self.config("bags.safetensors")
        #expect(try train(single).exit == 4)
        #expect(try train(single, "--redo").exit == 0)
        #expect(!FileManager.default.fileExists(atPath: scratch["job/training/m/seed_5"].path))
        // What was joined is of seeds that are no more.
        let status = try Command.run("status", scratch["job"].path)
        #expect(status.output.contains("seed_2, seed_5 changed since"), "\(status.output)")
    }

    @Test func aSeedAmongSeveralIsTheTrainingThatItWouldBeAlone() throws {
        let path = try write(.safetensors)
        #expect(try train(config(path, training: #", "seeds": [7, 8]"#)).exit == 0)
        let several = try predictions("m/seed_8/fold_1")
        #expect(try train(config(path, training: #", "seed": 8"#), "--redo").exit == 0)
        #expect(try predictions("m/fold_1").map(\.cells) == several.map(\.cells))
    }

    @Test func splitFilesDecideTheFolds() throws {
        let path = try write(.clam)
        for (fold, test) in [("0_0", 0), ("0_1", 1), ("1_0", 1)] {
            let lines = slides.enumerated().map { "\($0.element),\($0.offset / 2 % 3 == test ? "test" : "train")\n" }
            _ = try scratch.write("slide_id,split\n" + lines.joined(), to: "splits/splits_\(fold).csv")
        }
        let trained = try train(config(path, cohort: #""splits": "splits/splits_*.csv""#))
        #expect(trained.errors.contains("no validation part; the last epoch is kept"), "\(trained.errors)")
        #expect(
            try predictions("m/fold_1").filter { $0["part"] == "test" }.map { $0["slide_id"] } == [
                "s2", "s3", "s8", "s9",
            ]
        )
        #expect(try predictions("m/fold_2").map(\.cells).count == 12)
    }

    @Test func everythingWrongIsSaidBeforeAnyWork() throws {
        let path = try write(.clam)
        _ = try scratch.write("slide_id,split\ns0,train\ns1,test\nzz,test\n", to: "split.csv")
        try FileManager.default.removeItem(at: scratch["h5_files/s4.h5"])
        let config = try config(path, cohort: #""splits": "split.csv", "missing": "error""#)
        let trained = try train(config)
        #expect(trained.exit == 5)
        let wanted = [
            "E_LEAKAGE] \(scratch["split.csv"].path):3", "E_TABLE] \(scratch["split.csv"].path):4",
            "E_NOT_FOUND] \(scratch["labels.csv"].path):6",
        ]
        for line in wanted { #expect(trained.errorLines.contains { $0.contains(line) }, "\(trained.errors)") }
        #expect(!FileManager.default.fileExists(atPath: scratch["job/training"].path))
        let checked = try Command.run("check", "--config", config, "--json")
        #expect(checked.exit == 5)
        struct Report: Decodable {
            struct Problem: Decodable { var code: String, file: String, line: Int?, message: String }
            var problems: [Problem]
            var slides: Int
        }
        let report = try JSONDecoder().decode(Report.self, from: Data(checked.output.utf8))
        #expect(report.slides == 12)
        #expect(report.problems.contains { $0.code == "E_LEAKAGE" && $0.line == 3 })
    }
}

/// An archive as `torch.save` writes one for a plain fp32 tensor.
enum TorchArchive {
    static func data(_ floats: [Float], width: Int) throws -> Data {
        func text(_ text: String) -> Data { Data([0x58, UInt8(text.utf8.count), 0, 0, 0]) + Data(text.utf8) }
        func number(_ number: Int) -> Data { Data([0x4B, UInt8(number)]) }
        var pickle = Data([0x80, 2]) + Data("ctorch._utils\n_rebuild_tensor_v2\n((".utf8)
        pickle += text("storage") + Data("ctorch\nFloatStorage\n".utf8) + text("0") + text("cpu") + number(floats.count)
        pickle += Data("tQ".utf8) + number(0) + number(floats.count / width) + number(width) + Data([0x86])
        pickle += number(width) + number(1) + Data([0x86, 0x89]) + Data("ccollections\nOrderedDict\n)RtR.".utf8)
        return zip([("a/data.pkl", pickle), ("a/data/0", floats.withUnsafeBytes { Data($0) })])
    }

    private static func zip(_ files: [(name: String, content: Data)]) -> Data {
        func bytes(_ number: some FixedWidthInteger) -> Data { withUnsafeBytes(of: number.littleEndian) { Data($0) } }
        var (body, directory) = (Data(), Data())
        for (name, content) in files {
            let sizes = bytes(UInt32(content.count)) + bytes(UInt32(content.count)) + bytes(UInt32(name.utf8.count))
            directory +=
                bytes(UInt32(0x0201_4B50)) + Data(count: 16) + sizes + Data(count: 10) + bytes(UInt32(body.count))
            directory += Data(name.utf8)
            body += bytes(UInt32(0x0403_4B50)) + Data(count: 14) + sizes + Data(name.utf8) + content
        }
        let count = UInt16(files.count)
        return body + directory + bytes(UInt32(0x0605_4B50)) + Data(count: 4) + bytes(count) + bytes(count)
            + bytes(UInt32(directory.count)) + bytes(UInt32(body.count)) + Data(count: 2)
    }
}
