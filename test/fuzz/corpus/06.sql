SELECT /* a /* nested */ comment */ 1 -- end
+ 2