import Config
import Files
import Foundation
import Records
import Storage

/// A network whose tensors a file was found to have.
struct ImportedModel {
    let architecture: EncoderArchitecture
    /// Side in pixels of what it takes.
    let input: Int
    /// Under our names.
    let entries: [String: WeightsFile.Entry]
    private let read: (String, WeightsFile) throws -> StoredTensor

    /// - Parameters:
    ///   - preset: what the weights are said to be.
    ///   - path: for errors.
    /// - Throws: `Failure` naming what does not fit.
    init(
        _ entries: [String: WeightsFile.Entry],
        _ facts: ModelFacts,
        _ preset: EncoderPreset?,
        path: String
    ) throws {
        if let plan = try ResNetPlan(entries, preset, path: path) {
            (architecture, self.entries) = (.resnet(plan.architecture), plan.entries)
            input = facts.preprocessing.input ?? 224
            read = plan.tensor
        } else if let swin = try SwinPlan(entries, facts, path: path) {
            (architecture, self.entries) = (.swin(swin.architecture), swin.plan.entries)
            input = facts.preprocessing.input ?? swin.usualInput
            read = swin.plan.tensor
        } else if let convNeXt = try ConvNeXtPlan(entries, facts, path: path) {
            (architecture, self.entries) = (.convnext(convNeXt.architecture), convNeXt.plan.entries)
            input = facts.preprocessing.input ?? 224
            read = convNeXt.plan.tensor
        } else if let mobileNet = try MobileNetPlan(entries, path: path) {
            (architecture, self.entries) = (.mobilenet(mobileNet.architecture), mobileNet.plan.entries)
            input = facts.preprocessing.input ?? 224
            read = mobileNet.plan.tensor
        } else {
            let model = try NamedModel(entries, path: path)
            let draft = try ModelDraft(model, facts, path: path)
            let patch = draft.architecture.patch
            input = facts.preprocessing.input ?? (draft.grid ?? 224 / patch) * patch
            let vit = draft.architecture(input: input)
            architecture = .vit(vit)
            let plan = try TensorPlan(model, vit, grid: draft.grid ?? 0, path: path)
            (self.entries, read) = (plan.entries, plan.tensor)
        }
        guard let preset, !hasShape(of: preset.architecture) else { return }
        throw Failure(.encoder, path, "this is not \(preset.title): \(differences(from: preset.architecture))")
    }

    /// A tensor of ours.
    func tensor(_ name: String, from file: WeightsFile) throws -> StoredTensor { try read(name, file) }

    /// Whether the tensors could be those of another network: what no shape shows is left aside.
    func hasShape(of other: EncoderArchitecture) -> Bool { Self.shape(architecture) == Self.shape(other) }

    private static func shape(_ architecture: EncoderArchitecture) -> EncoderArchitecture {
        switch architecture {
        case .vit(var vit):
            (vit.epsilon, vit.positionResize) = (1e-6, nil)
            if vit.pool != .attention, vit.pool != .meanNorm { vit.pool = .cls }
            if vit.mlp == .quickGELU { vit.mlp = .gelu }
            return .vit(vit)
        case .resnet, .mobilenet: return architecture
        case .swin(var swin):
            swin.epsilon = 1e-5
            return .swin(swin)
        case .convnext(var convNeXt):
            convNeXt.epsilon = 1e-6
            return .convnext(convNeXt)
        }
    }

    /// `depth is 12, and 24 is wanted`, for each key that differs.
    private func differences(from wanted: EncoderArchitecture) -> String {
        let (own, other) = (Self.keys(Self.shape(architecture)), Self.keys(Self.shape(wanted)))
        // Networks of different families differ in everything.
        let family = "family"
        let keys = own[family] == other[family] ? Set(own.keys).union(other.keys) : [family]
        let differing = keys.filter { own[$0] != other[$0] }.sorted()
        return differing.map { key in
            "\(key) is \(own[key]?.words ?? "not there"), and \(other[key]?.words ?? "none") is wanted"
        }.joined(separator: "; ")
    }

    private static func keys(_ architecture: EncoderArchitecture) -> [String: JSONValue] {
        guard let data = try? CanonicalJSON.line(architecture),
            case .object(let members)? = try? JSONDecoder().decode(JSONValue.self, from: data)
        else { return [:] }
        return members
    }
}
