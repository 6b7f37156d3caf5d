/// What stands in `data.pkl`.
indirect enum PickledValue: Equatable {
    case none
    case flag(Bool)
    case integer(Int)
    case text(String)
    case tuple([PickledValue])
    case dictionary([Pair])
    /// A name of the list below, which nothing calls.
    case global(PickledGlobal)
    case storage(kind: StoredTensor.Kind?, key: String)
    case tensor(PickledTensor)
    /// A tensor of whole numbers, such as coordinates beside features.
    case otherTensor
    /// A fraction or a list, of which nothing is kept.
    case other

    struct Pair: Equatable {
        var key: PickledValue
        var value: PickledValue
    }
}

/// The names that `torch.save` writes for a plain tensor, a parameter, or a dictionary of them. Any other ends the reading.
enum PickledGlobal: String {
    case rebuildTensor = "torch._utils._rebuild_tensor_v2"
    case rebuildParameter = "torch._utils._rebuild_parameter"
    case orderedDictionary = "collections.OrderedDict"
    case float = "torch.FloatStorage"
    case half = "torch.HalfStorage"
    case bfloat16 = "torch.BFloat16Storage"
    case double = "torch.DoubleStorage"
    case long = "torch.LongStorage"
    case int = "torch.IntStorage"

    /// Bytes of an element; nil where it is no storage.
    var width: Int? {
        switch self {
        case .long: 8
        case .int: 4
        default: kind?.width
        }
    }

    var kind: StoredTensor.Kind? {
        switch self {
        case .float: .float32
        case .half: .float16
        case .bfloat16: .bfloat16
        case .double: .float64
        default: nil
        }
    }
}

extension PickledValue {
    /// Of a tuple of whole numbers.
    var integers: [Int]? {
        guard case .tuple(let values) = self else { return nil }
        let numbers = values.compactMap { value -> Int? in if case .integer(let number) = value { number } else { nil }
        }
        return numbers.count == values.count ? numbers : nil
    }

    /// Levels of nesting.
    var depth: Int {
        switch self {
        case .tuple(let values): 1 + (values.map(\.depth).max() ?? 0)
        case .dictionary(let pairs): 1 + (pairs.map { max($0.key.depth, $0.value.depth) }.max() ?? 0)
        default: 0
        }
    }
}
