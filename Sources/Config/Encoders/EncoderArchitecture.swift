import Records

/// The numbers of a network whose weights are a safetensors file; the manifest's `architecture`, told apart by `family`.
public enum EncoderArchitecture: Codable, Equatable, Sendable {
    case vit(ViTArchitecture)
    case resnet(ResNetArchitecture)
    case swin(SwinArchitecture)
    case convnext(ConvNeXtArchitecture)
    case mobilenet(MobileNetArchitecture)

    enum Family: String, ConfigChoice { case vit, resnet, swin, convnext, mobilenet }

    private enum FamilyKey: String, CodingKey { case family }

    public init(from decoder: any Decoder) throws {
        let path = decoder.codingPath.map(\.stringValue).joined(separator: ".")
        let family: Family
        do {
            family = try decoder.container(keyedBy: FamilyKey.self).decode(Family.self, forKey: .family)
        } catch DecodingError.typeMismatch {
            throw ConfigError(path, "an object {…} is wanted here")
        } catch is DecodingError {
            let known = Family.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigError("\(path).family", "this key is required; one of \(known)")
        }
        switch family {
        case .vit: self = .vit(try ViTArchitecture(from: decoder))
        case .resnet: self = .resnet(try ResNetArchitecture(from: decoder))
        case .swin: self = .swin(try SwinArchitecture(from: decoder))
        case .convnext: self = .convnext(try ConvNeXtArchitecture(from: decoder))
        case .mobilenet: self = .mobilenet(try MobileNetArchitecture(from: decoder))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .vit(let architecture): try architecture.encode(to: encoder)
        case .resnet(let architecture): try architecture.encode(to: encoder)
        case .swin(let architecture): try architecture.encode(to: encoder)
        case .convnext(let architecture): try architecture.encode(to: encoder)
        case .mobilenet(let architecture): try architecture.encode(to: encoder)
        }
    }

    /// Numbers per patch.
    public var dim: Int {
        switch self {
        case .vit(let architecture): architecture.dim
        case .resnet(let architecture): architecture.dim
        case .swin(let architecture): architecture.dim
        case .convnext(let architecture): architecture.dim
        case .mobilenet(let architecture): architecture.dim
        }
    }

    /// Of a table that is made for an input: no network that people use comes near, and what is said in a file must not ask for all memory.
    static let mostNumbers = 1 << 28

    /// Why images of a side in pixels cannot go through the network; nil where they can.
    func fault(ofInput side: Int) -> String? {
        switch self {
        case .vit(let architecture): architecture.fault(ofInput: side)
        case .resnet, .mobilenet: nil
        case .swin(let architecture): architecture.fault(ofInput: side)
        case .convnext(let architecture): architecture.fault(ofInput: side)
        }
    }
}
