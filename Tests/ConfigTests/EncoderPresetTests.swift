import Config
import Files
import Foundation
import Testing

@Suite struct EncoderPresetTests {
    @Test func everyPresetIsFoundByItsNameAndFitsAManifest() throws {
        #expect(Set(EncoderPreset.all.map(\.name)).count == EncoderPreset.all.count)
        #expect(EncoderPreset.all.count > 30)
        for preset in EncoderPreset.all {
            #expect(EncoderPreset.named(preset.name.uppercased()) == preset)
            let wanted = preset.preprocessing
            let manifest = Manifest(
                name: preset.name,
                dim: preset.dim,
                input: wanted.input,
                resize: wanted.resize,
                mean: wanted.mean,
                std: wanted.std,
                interpolation: wanted.interpolation,
                mpp: preset.mpp ?? 0.5,
                licence: preset.licence,
                source: preset.source,
                preset: preset.name,
                architecture: preset.architecture
            )
            let read = try JSONDecoder().decode(EncoderManifest.self, from: CanonicalJSON.data(manifest))
            #expect(read.architecture == preset.architecture, "\(preset.name)")
            #expect((read.preset, read.resize) == (preset.name, wanted.resize))
        }
    }

    private struct Manifest: Encodable {
        var name: String
        var dim: Int
        var input: Int
        var resize: Int?
        var mean: [Double]
        var std: [Double]
        var interpolation: EncoderManifest.Interpolation
        var mpp: Double
        var weights = "weights.safetensors"
        var sha256 = String(repeating: "0", count: 64)
        var licence: String
        var source: String
        var preset: String
        var architecture: EncoderArchitecture?
    }

    @Test func theFactsOfAFewAreTheWrittenOnes() throws {
        func preset(_ name: String) throws -> EncoderPreset { try #require(EncoderPreset.named(name)) }
        let gigapath = try preset("gigapath")
        #expect((gigapath.preprocessing.input, gigapath.preprocessing.resize) == (224, 256))
        #expect((gigapath.dim, gigapath.isCommercial, gigapath.field) == (1536, false, 128))
        #expect(try preset("virchow2").dim == 2560)
        #expect(try preset("midnight").dim == 3072)
        #expect(try (preset("conch").dim, preset("conch-v1.5").dim, preset("keep").dim) == (512, 768, 768))
        #expect(try (preset("plip").dim, preset("resnet50").dim, preset("resnet50-clam").dim) == (512, 2048, 1024))
        #expect(try preset("ctranspath").dim == 768)
        #expect(try preset("resnet50").field == nil)
        #expect(try preset("gpfm").field == 128)
        func mlp(_ name: String) throws -> ViTArchitecture.MLP? {
            guard case .vit(let architecture) = try preset(name).architecture else { return nil }
            return architecture.mlp
        }
        // Both are CLIP's network; QuiltNet's makers publish it without OpenAI's activation.
        #expect(try (mlp("plip"), mlp("quiltnet-b32"), mlp("quiltnet-b16")) == (.quickGELU, .gelu, .gelu))
        #expect(try preset("h-optimus-0").isCommercial && !preset("h-optimus-1").isCommercial)
    }
}
