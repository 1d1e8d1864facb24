" Scenarios of fdlab (*.fdl): calls as strace writes them, directives, results. See fdlab-notation(5).

if exists("b:current_syntax")
	finish
endif

syntax match fdlComment "^\s*#.*$"
syntax match fdlDirective "^\s*\(option\|echo\|expect\|differs\|beside\|ask\|answer\|right\|if\|else\|learnt\|exercise\|goal\|calls\|without\|hint\|wrong\|say\|race\|end\|sometimes\|never\|always\)\>"
syntax match fdlStep "^\s*\(\d\+\s\+\)\?\(step\|finish\|interrupt\|clock\|rcu\|reset\)\>"
syntax match fdlPid "^\s*\(\d\+\|\[pid\s\+\d\+\]\)\s"me=e-1
syntax match fdlCall "\<[a-z_][a-z0-9_]*\ze("
syntax match fdlSymbol "\<[A-Z][A-Z0-9_]*\>"
syntax match fdlError "=\s*-1\s\+\zsE[A-Z0-9]\+"
syntax match fdlNumber "\<-\?\(0x\x\+\|\d\+\)\>"
syntax match fdlFlight "<[^>]*\(unfinished\|resumed\)[^>]*>\?"
syntax match fdlFlight "^+++.*+++$"
syntax region fdlString start=+"+ skip=+\\.+ end=+"+ oneline

highlight default link fdlComment Comment
highlight default link fdlDirective Keyword
highlight default link fdlStep Keyword
highlight default link fdlPid Identifier
highlight default link fdlCall Function
highlight default link fdlSymbol Constant
highlight default link fdlError Error
highlight default link fdlNumber Number
highlight default link fdlFlight PreProc
highlight default link fdlString String

let b:current_syntax = "fdl"
