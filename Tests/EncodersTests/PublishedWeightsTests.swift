import Files
import Foundation
import Records
import TestSupport
import Testing

@testable import Config
@testable import Pipeline

/// What an import says of a file's digest, where the makers of a preset say theirs.
@Suite struct PublishedWeightsTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func preset(
        _ architecture: EncoderArchitecture,
        published: [PublishedWeights] = []
    ) -> EncoderPreset {
        EncoderPreset(
            "small",
            "Small",
            from: "a test",
            EncoderPreset.mit,
            cut: (32, 0.5),
            .imageNet(32, .bilinear),
            architecture,
            proof: .library("timm"),
            published: published
        )
    }

    /// What an import says where the makers published a file with this beginning of its digest.
    private func notes(published digest: String?) throws -> [String] {
        let reference = try ImportReference.named("timm-vit")
        let architecture = try #require(try reference.imported(scratch).manifest.architecture)
        let known = digest.map { [PublishedWeights("small-\($0).pth", sha256: $0, from: "its page")] } ?? []
        let preset = preset(architecture, published: known)
        var wishes = EncoderImport.Wishes()
        wishes.preset = preset
        return try EncoderImport(scratch["model"], wishes).write(to: scratch["out-\(UUID().uuidString)"]).notes
    }

    @Test func thePublishedFileIsRecognisedByTheBeginningOfItsDigest() throws {
        #expect(try notes(published: nil) == [])
        let digest = try Digest.sha256(fileAt: scratch["model/model.safetensors"])
        let short = String(digest.prefix(8))
        #expect(
            try notes(published: short)
                == [
                    "these are the published weights of Small: small-\(short).pth (its page), by the first 8 digits of their SHA-256"
                ]
        )
        #expect(try notes(published: digest).first?.hasPrefix("these are the published weights of Small: ") == true)
    }

    @Test func aFolderThatSaysOtherwiseThanTheListIsHeard() throws {
        let reference = try ImportReference.named("timm-vit")
        let architecture = try #require(try reference.imported(scratch).manifest.architecture)
        guard case .vit(var vit) = architecture else { throw Failure(.bug, nil, "no ViT") }
        vit.mlp = .quickGELU
        let preset = preset(.vit(vit))
        let cut = #""pretrained_cfg": {"input_size": [3, 32, 32], "crop_pct": 0.8}"#
        let config =
            #"{"architecture": "vit_tiny_patch16_224", "model_args": {"num_heads": 4}, \#(cut)}"#
        try AtomicFile.write(Data(config.utf8), to: scratch["model/config.json"])
        var wishes = EncoderImport.Wishes()
        wishes.preset = preset
        let report = try EncoderImport(scratch["model"], wishes).write(to: scratch["out"])
        #expect(
            report.notes.first
                == "the list says no cut of the middle for Small, the folder a resize to 40 before it; the list's is taken"
        )
        #expect(report.manifest.resize == nil)
        #expect(report.notes.last == "the list says mlp quick_gelu of Small, the folder gelu; the folder's is taken")
    }

    @Test func anotherFileIsSaidToBeAndImportedAllTheSame() throws {
        #expect(
            try notes(published: "00000000") == [
                "model.safetensors is not one of the published files of Small whose digests are known "
                    + "(small-00000000.pth): other weights, or the same ones in another file"
            ]
        )
    }

    @Test func digestsOfTheListAreSuchAndStandInTheNamesOfTheirFiles() {
        let published = EncoderPreset.all.flatMap(\.published)
        #expect(!published.isEmpty)
        for weights in published {
            #expect((8...64).contains(weights.sha256.count))
            #expect(weights.sha256.allSatisfy { "0123456789abcdef".contains($0) })
            // torchvision's names hold it.
            let isNamed = weights.file.contains("-\(weights.sha256.prefix(8)).")
            #expect(isNamed == weights.source.hasPrefix("torchvision"), "\(weights.file)")
        }
    }
}
