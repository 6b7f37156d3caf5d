public import Foundation

/// What a file of weights is, told from its bytes alone.
public enum WeightsKind: Equatable, Sendable {
    case torchScript
    /// `torch.export` or AOTInductor: `.pt2`.
    case exported
    /// `torch.save`: a pickle, whether in a zip archive or not.
    case pickle
    case safetensors
    /// None that can be read, in whatever place.
    case foreign(ForeignWeights)
    case unknown

    public init(_ data: Data) {
        guard let names = ZipDirectory(data)?.names else {
            if let foreign = ForeignWeights(data, count: data.count) {
                self = .foreign(foreign)
                return
            }
            if SafeTensorsDirectory.begins(data) {
                self = .safetensors
                return
            }
            // Pickles of protocol 2 and later begin with 0x80 and the protocol.
            self = data.count > 2 && data[data.startIndex] == 0x80 && data[data.startIndex + 1] < 8 ? .pickle : .unknown
            return
        }
        func holds(_ suffix: String) -> Bool { names.contains { $0 == suffix || $0.hasSuffix("/" + suffix) } }
        self =
            if holds("archive_format") || holds("serialized_exported_program.json")
                || names.contains(where: { $0.contains("aotinductor/") })
            {
                .exported
            } else if holds("constants.pkl"), names.contains(where: { $0.contains("/code/") }) {
                .torchScript
            } else if holds("data.pkl") {
                .pickle
            } else if holds("model.weights.h5") {
                .foreign(.format(.keras))
            } else {
                .unknown
            }
    }

    /// Why such a file is not loaded, and what to do; nil for TorchScript.
    public var refusal: String? {
        let export = "export the model with torch.jit.trace and torch.jit.save"
        return switch self {
        case .torchScript: nil
        case .exported: "a .pt2 archive (torch.export, AOTInductor) is not read; \(export)"
        case .pickle:
            "a pickle of torch.save holds weights without a model, and reading one can run any code; \(export)"
        case .safetensors:
            "safetensors hold weights without a model: name their 'architecture', or make the encoder with wsi encoder import"
        case .foreign(let foreign): foreign.refusal
        case .unknown: "not a TorchScript archive; \(export)"
        }
    }
}
